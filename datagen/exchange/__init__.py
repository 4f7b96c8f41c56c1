"""Published datasets in and out; COCO and MVTec out."""
