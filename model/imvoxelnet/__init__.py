"""ImVoxelNet (Rukhovich et al., WACV 2022), a baseline of Sec. 4.3: voxels that vote for boxes."""
