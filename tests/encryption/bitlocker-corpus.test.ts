import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashSource } from '@deadbox/core';
import { openFile } from '@deadbox/core/node';
import { keyList, unlockBitLocker, type UnlockKey } from '@deadbox/encryption';
import { expect, it } from 'vitest';
import { corpusFile, corpusFolder, corpusManifest, describeWithCorpus } from '../support/corpus.js';

function keyOf(secrets: Record<string, unknown>, name: string): UnlockKey | undefined {
  const value = secrets[name];
  if (name === 'clear_key') return undefined;
  if (name === 'startup_key_file') {
    return { kind: 'startup-key', label: name, bytes: new Uint8Array(readFileSync(join(corpusFolder(), String(value)))) };
  }
  return { kind: name.startsWith('recovery_password') ? 'recovery-password' : 'password', label: name, text: String(value) };
}

describeWithCorpus('every BitLocker volume of the corpus opens to the bytes that other tools decrypt', () => {
  for (const entry of corpusManifest().filter((item) => item.kind === 'bitlocker')) {
    for (const [name, oracle] of Object.entries<any>(entry.expected.unlock ?? {})) {
      it(`${entry.id} by ${name}`, async () => {
        const file = await openFile(corpusFile(entry));
        const key = keyOf(entry.secrets ?? {}, name);
        const t = performance.now();
        const opened = await unlockBitLocker(file, key === undefined ? undefined : keyList([key]));
        const t1 = performance.now();
        const hash = await hashSource(opened.source);
        console.log(
          entry.id,
          name,
          (t1 - t).toFixed(),
          (performance.now() - t1).toFixed(),
          hash === oracle.decrypted_sha256,
          opened.source.size,
          oracle.decrypted_size,
          opened.finding.state,
          JSON.stringify(opened.finding.issues),
        );
        expect(hash).toBe(oracle.decrypted_sha256);
        expect(opened.usedKey).toBe(key?.label);
        opened.source.close?.();
        await file.close?.();
      });
    }
  }
});
