import { DeadboxError } from '@deadbox/core';
import { imageText } from '@deadbox/report/internals';
import { failedImage } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { packReport, reportText, wholeReport, withPath } from '../../../packages/cli/src/runs/kept-report.node.js';

const image = failedImage('/vm/a\u202e.img', new DeadboxError('SOURCE_NOT_FOUND', 'There is no such file'));
const other = { ...image, path: '/vm/b.img' };

test('the text that a worker made of a report is written as it is, and reads back the same', () => {
  const kept = packReport(0, image, undefined, { json: `${imageText(image)} `, isText: true });
  expect(reportText(kept)).toBe(`${imageText(image)} `);
  expect(wholeReport(kept)).toEqual(image);
});

test('a report whose path has changed since its text was made is written anew', () => {
  const kept = packReport(0, image, undefined, { json: imageText(image), isText: true });
  expect(reportText(withPath(kept, other.path))).toBe(imageText(other));
  expect(JSON.parse(reportText(withPath(kept, other.path))).path).toBe('/vm/b.img');
});
