import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retiredWords, wordsFound } from './check-words.mjs';

const glossary = `# Glossary

| word | means | not |
|---|---|---|
| image | what a user gives | picture |
| switch point | a ReLU's zero; a kink | kink, bend |
| stride | a distance | |
`;
const retired = retiredWords(glossary);

test('the retired words are those of the column "not", and outdated ones', () => {
  assert.equal(retired.get('picture'), 'image');
  assert.equal(retired.get('bend'), 'switch point');
  assert.equal(retired.get('anew'), 'again');
  assert.ok(!retired.has('image') && !retired.has('') && !retired.has('not'));
});

for (const [text, found] of [
  ['a picture', ['picture']],
  ['Pictures, and KINK', ['pictures', 'kink']],
  ['noisePictures(kink_margin, perPicture)', ['pictures', 'kink', 'picture']],
  ['besides, bending, an image, kinky, depicture', []],
])
  test(`found in ${JSON.stringify(text)}: ${found.join(', ') || 'nothing'}`, () =>
    assert.deepEqual(
      wordsFound(`\n${text}`, retired).map(({ line, word }) => `${line} ${word}`),
      found.map((word) => `2 ${word}`),
    ));
