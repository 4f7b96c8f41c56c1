"""The only room that knows Blender: import, physics, materials, Cycles."""
