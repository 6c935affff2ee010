import { expect, it } from 'vitest';
import { withoutAdvertising } from './advertising.js';

it("drops TensorFlow.js's advertising and keeps what the port prints", () => {
  const printed: string[] = [];
  const onPrinted = withoutAdvertising((line) => void printed.push(line));
  for (const line of [
    '============================',
    'Hi, looks like you are running TensorFlow.js in Node.js. To speed things up, install our backend',
    '',
    'Platform node has already been set. Overwriting the platform with node.',
    'my own line',
  ])
    onPrinted(line);
  expect(printed).toEqual(['my own line']);
});
