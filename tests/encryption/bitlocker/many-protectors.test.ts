import { MemorySource } from '@deadbox/core';
import { keyList, tryUnlockBitLocker } from '@deadbox/encryption';
import { expect, test, vi } from 'vitest';
import { manyProtectors } from '../../support/encryption/many-protectors.js';
import { recoveryKey } from '../../support/encryption/volumes.js';

// No protector here opens with any key, so that none needs the second that a true one takes.
vi.mock('../../../packages/encryption/src/bitlocker/keys/stretch.js', () => ({
  stretchKey: async () => new Uint8Array(32),
}));

const LABEL = '--recovery-key #1';
const key = recoveryKey('235818-357951-253979-013365-241120-245575-342914-591910', LABEL);

test.each([
  [8, 'wrong'],
  [9, 'partly-tried'],
] as const)('a key that opens none of %i protectors is %s', async (count, outcome) => {
  const result = await tryUnlockBitLocker(new MemorySource(manyProtectors(count).bytes), keyList([key]));
  expect(result).toMatchObject({
    unlocked: false,
    attempts: [{ label: LABEL, outcome }],
    error: { code: 'BITLOCKER_WRONG_KEY' },
  });
  const told = result.unlocked ? '' : result.error.message;
  expect(told.includes(`${LABEL} was tried on the first protectors of its kind only`)).toBe(outcome === 'partly-tried');
});
