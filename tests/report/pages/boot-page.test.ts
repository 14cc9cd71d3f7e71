import { textWriter } from '@deadbox/report';
import { en } from '@deadbox/report/en';
import { bootPage } from '@deadbox/report/internals';
import { ja } from '@deadbox/report/ja';
import { expect, test } from 'vitest';

const object = { id: '{a}', name: null, type: '0x10200003', kind: 'os-loader', elements: [] } as const;
const store = { path: '/Boot/BCD', volume: 1, role: 'bios', verdict: 'clean', objects: [object] } as const;

test.each([
  [en, 'not read to the end'],
  [ja, '末尾まで読み取っていない'],
])('a store that was not read to its end is shown with a word about it', (language, words) => {
  const shown = (complete: boolean) =>
    textWriter({ width: 400 })(bootPage([{ ...store, complete }], null, { language }));
  expect(shown(false)).toContain(words);
  expect(shown(true)).not.toContain(words);
});
