/** What `setup:tensorflow` downloads, each pinned to its bytes. Linux on x86-64. */

/**
 * npm packages: the binding's sources and kernels, their dependencies, and the headers of Node-API, which fit every
 * version of Node.js.
 */
export const packages = [
  {
    name: '@tensorflow/tfjs-node-gpu',
    version: '4.22.0',
    bytes: 223_379,
    sha512: 'p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw==',
  },
  {
    name: 'google-protobuf',
    version: '3.21.4',
    bytes: 68_046,
    sha512: 'MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ==',
  },
  {
    name: 'node-api-headers',
    version: '1.9.0',
    bytes: 16_974,
    sha512: '2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA==',
  },
];

const tensorflowCpu = {
  name: 'tensorflow-cpu',
  version: '2.18.1',
  bytes: 230_236_181,
  sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
};
const tensorflow = {
  name: 'tensorflow',
  version: '2.18.1',
  bytes: 615_510_377,
  sha256: 'c9f87e5d2a680a4595f5dc30daf6bbaec9d4129b46d7ef1b2af63c46ac7d2828',
};

/** The versions of `tensorflow[and-cuda]` 2.18.1; its libraries look for them next to themselves. */
const cuda = [
  {
    name: 'nvidia-cublas-cu12',
    version: '12.5.3.2',
    bytes: 363_313_169,
    sha256: 'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b',
  },
  {
    name: 'nvidia-cuda-cupti-cu12',
    version: '12.5.82',
    bytes: 13_811_507,
    sha256: 'bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953',
  },
  {
    name: 'nvidia-cuda-nvcc-cu12',
    version: '12.5.82',
    bytes: 22_468_537,
    sha256: 'b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0',
  },
  {
    name: 'nvidia-cuda-nvrtc-cu12',
    version: '12.5.82',
    bytes: 24_873_108,
    sha256: '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd',
  },
  {
    name: 'nvidia-cuda-runtime-cu12',
    version: '12.5.82',
    bytes: 895_707,
    sha256: '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115',
  },
  {
    name: 'nvidia-cudnn-cu12',
    version: '9.3.0.75',
    bytes: 577_163_502,
    sha256: '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d',
  },
  {
    name: 'nvidia-cufft-cu12',
    version: '11.2.3.61',
    bytes: 192_524_114,
    sha256: '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8',
  },
  {
    name: 'nvidia-curand-cu12',
    version: '10.3.6.82',
    bytes: 56_309_107,
    sha256: '2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536',
  },
  {
    name: 'nvidia-cusolver-cu12',
    version: '11.6.3.83',
    bytes: 130_341_232,
    sha256: '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b',
  },
  {
    name: 'nvidia-cusparse-cu12',
    version: '12.5.1.3',
    bytes: 217_558_979,
    sha256: '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752',
  },
  {
    name: 'nvidia-nccl-cu12',
    version: '2.21.5',
    bytes: 188_654_414,
    sha256: '8579076d30a8c24988834445f8d633c697d42397e92ffc3f63fa26766d25e0a0',
  },
  {
    name: 'nvidia-nvjitlink-cu12',
    version: '12.5.82',
    bytes: 21_298_879,
    sha256: 'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212',
  },
];

/** Wheels from PyPI, by purpose. */
export const wheels = { cpu: [tensorflowCpu], gpu: [tensorflow, ...cuda] };

/**
 * The files taken from the wheels: the libraries, the parts of CUDA's compiler that they start, and the headers that
 * the binding includes.
 */
export const kept = [
  'tensorflow/libtensorflow*.so.2',
  'nvidia/*/lib/*.so*',
  'nvidia/cuda_nvcc/bin/ptxas',
  'nvidia/cuda_nvcc/nvvm/libdevice/*',
  'tensorflow/include/tensorflow/c/*.h',
  'tensorflow/include/tensorflow/core/platform/ctstring*.h',
  'tensorflow/include/tsl/platform/ctstring*.h',
  'tensorflow/include/xla/tsl/c/*.h',
];

/** Disk space that the build needs, in bytes: as measured, and a little more. */
export const room = { cpu: 1.1e9, gpu: 6.5e9 };
