/** What TensorFlow.js prints in every process, whatever a port does. */
const advertising = [
  /^=+$/,
  /^\s*$/,
  /^Hi, looks like you are running TensorFlow\.js in Node\.js\. /,
  /^Platform node has already been set\. Overwriting the platform with /,
];

/** Receives lines without those of TensorFlow.js's advertising. */
export function withoutAdvertising(onPrinted: (line: string) => void): (line: string) => void {
  return (line) => {
    if (!advertising.some((known) => known.test(line))) onPrinted(line);
  };
}
