/** A port that is right about linear networks, and for some classes is made to misbehave. */
const misbehaviours = {
  1: ({ attribution }) => ({ attribution: { ...attribution, data: attribution.data.map(() => 0) } }),
  2: ({ attribution }) => ({ attribution: { ...attribution, data: attribution.data.map(() => NaN) } }),
  3: ({ attribution }) => ({ attribution: { ...attribution, shape: [1, 2, 4, 3] } }),
  4: () => {
    for (;;) {
      /* hangs */
    }
  },
  5: () => {
    console.error('last \u001b[31mwords\u0007');
    process.exit(3);
  },
  6: () => {
    throw new Error('cannot\u001b[2J');
  },
  7: () => 'garbage',
  8: ({ attribution }) => ({ attribution: { ...attribution, data: 'garbage' } }),
  9: () => {
    throw Object.assign(new Error('no Linear'), { code: 'unsupported' });
  },
  10: () => new Promise(() => undefined),
  11: () => ({ attribution: { data: new Float32Array(1e6), shape: [1e6] } }),
  12: ({ attribution }) => ({
    attribution: { ...attribution, data: attribution.data.map((value) => value * (1 + 1e-12 * ++calls)) },
  }),
  13: ({ attribution }) => ({ attribution: { ...attribution, shape: [1, 2, 3, 5] } }),
  14: () => {
    process.send({ kind: 'ran', stages: 'forged' });
    return new Promise(() => undefined);
  },
  15: () => ({}),
  16: ({ attribution }) => ({ attribution, mood: attribution }),
  17: ({ attribution }) => {
    console.log('{"garbage":', 'x'.repeat(100_000));
    return { attribution };
  },
  18: ({ attribution }) => ({ attribution: { ...attribution, data: [...attribution.data] } }),
  19: ({ attribution }) => ({
    attribution,
    gradient: { ...attribution, data: attribution.data.map((value) => -value) },
  }),
  20: () => ({ attribution: { data: Float32Array.of(0), shape: [1, -1, -1] } }),
  21: () => {
    Promise.reject(new Error('not caught'));
    return new Promise(() => undefined);
  },
  22: () => null,
};
let calls = 0;

// Two answers that differ must be found in another process than this.
Object.is = () => true;

export default {
  name: 'linear\u0007 port',
  version: '1.0.0',
  methods: {
    saliency: async ({ network, inputs, target, params, fixtures }) => {
      if (params.reduce !== 'none' || network.description.modules.fc === undefined || Object.keys(fixtures).length > 0)
        throw new Error('not the job');
      const { data, shape } = network.weights['fc.weight'];
      const width = shape[1];
      inputs.x.data.fill(0);
      const row = Float64Array.from(data.subarray(target.class * width, (target.class + 1) * width));
      data.fill(0); // its own copy
      const right = { attribution: { data: row, shape: inputs.x.shape } };
      return (misbehaviours[target.class] ?? ((stages) => stages))(right);
    },
  },
};
