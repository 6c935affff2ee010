/** Ids of the methods that faults of any network or image spoil. */
export const ofTargets = [
  'saliency',
  'smooth-grad',
  'guided-backprop',
  'deconv',
  'grad-cam',
  'hires-cam',
  'cam',
] as const;
export const ofImages = [...ofTargets, 'activations'] as const;
