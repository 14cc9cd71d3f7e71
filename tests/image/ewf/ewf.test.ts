import { MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { expect, test } from 'vitest';
import { ewfSegmentExtension } from '../../../packages/image/src/ewf/segment-names.js';
import { errorOf } from '../../support/image/memory-files.js';

// libyal, "EWF specification", "Segment file extensions".
test('segment files are numbered to 99 and lettered after that', () => {
  const names = [1, 9, 99, 100, 125, 126, 775, 776, 14_971].map((number) => ewfSegmentExtension(number, 'E01'));
  expect(names).toEqual(['E01', 'E09', 'E99', 'EAA', 'EAZ', 'EBA', 'EZZ', 'FAA', 'ZZZ']);
  expect(ewfSegmentExtension(14_972, 'E01')).toBeUndefined();
  expect([99, 100, 126].map((number) => ewfSegmentExtension(number, 's01'))).toEqual(['s99', 'saa', 'sba']);
});

for (const [name, signature, code, word] of [
  ['case.Ex01', 'EVF2\r\n\u0081\0', 'IMAGE_UNSUPPORTED', 'Ex01'],
  ['case.Lx01', 'LEF2\r\n\u0081\0', 'IMAGE_UNSUPPORTED', 'logical evidence'],
  ['case.L01', 'LVF\t\r\n\u00ff\0', 'IMAGE_UNSUPPORTED', 'logical evidence'],
  ['case.E01', 'ADCRYPT\0', 'IMAGE_ENCRYPTED', 'AccessData'],
  ['case.E02', 'EVF\t\r\n\u00ff\0\u0001\u0002\0\0\0', 'IMAGE_UNSUPPORTED', 'open the first one'],
] as const) {
  test(`${name} is recognised and refused by name`, async () => {
    const bytes = new Uint8Array(4096);
    bytes.set(Array.from(signature, (letter) => letter.charCodeAt(0)));
    const error = await errorOf(openImage(new MemorySource(bytes), { name }));
    expect(error).toMatchObject({ code, message: expect.stringContaining(word) });
  });
}
