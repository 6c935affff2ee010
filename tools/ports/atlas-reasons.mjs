/** The real ports, why they differ from the goldens, and the images of docs/atlas.md. */

export const ports = [
  { name: 'captum', version: '0.9.0', file: 'captum_port.py' },
  { name: 'pytorch-grad-cam', version: '1.5.7', file: 'pytorch_grad_cam_port.py' },
  { name: 'zennit', version: '0.5.1', file: 'zennit_port.py' },
  { name: 'torch-cam', version: '0.5.0', file: 'torchcam_port.py' },
];
export const reasons = {};
export const images = [];
