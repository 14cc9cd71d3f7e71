import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFile } from '@deadbox/core/node';
import {
  type KeyProvider,
  keyFileProvider,
  keyList,
  parseKeyFile,
  recoveryPasswordIn,
  unlockBitLocker,
} from '@deadbox/encryption';
import { expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';

describeWithCase('key files as they reach people', '09-bitlocker-key-files', ['python3'], (made) => {
  async function opens(keys: KeyProvider): Promise<void> {
    const source = await openFile(join(made(''), 'vol.img'));
    const { usedProtector, source: opened } = await unlockBitLocker(source, keys);
    expect(usedProtector?.id).toBe('64311DEA-4587-4029-924A-BA299647998E');
    await opened.close?.();
    await source.close?.();
  }

  test('each opens the volume that it is for', async () => {
    const names = readdirSync(made('')).filter((name) => name !== 'vol.img');
    expect(names).toHaveLength(9);
    for (const name of names)
      await opens(keyFileProvider(parseKeyFile(new Uint8Array(readFileSync(join(made(''), name))), name)));
  });

  test('the texts that Windows saves also open it as a single recovery password', async () => {
    for (const name of ['win-saved-utf16.txt', 'win-saved-utf8.txt']) {
      const text = recoveryPasswordIn(new Uint8Array(readFileSync(join(made(''), name))));
      await opens(keyList([{ kind: 'recovery-password', label: name, text }]));
    }
  });
});
