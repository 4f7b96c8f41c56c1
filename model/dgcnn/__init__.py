"""DGCNN (Wang et al., TOG 2019), of a baseline of Sec. 4.3: point clouds into vectors."""
