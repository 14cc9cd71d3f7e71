import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { readPeImage, readSignerIssuers } from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { writePe } from '../../support/pe-writer.js';
import { certificateOf, signImage } from '../../support/sign-image.js';
import { describeWithTools } from '../../support/tools.js';

const IMAGE = writePe({ fileVersion: '10.0.26100.1' });

async function issuers(bytes: Uint8Array<ArrayBuffer>): Promise<readonly string[]> {
  const source = new MemorySource(bytes);
  return readSignerIssuers(source, await readPeImage(source));
}

describe('the authority behind a signature', () => {
  test('is none of an image without one', async () => {
    expect(await issuers(IMAGE)).toEqual([]);
  });
});

describeWithTools(['osslsigncode', 'openssl'], 'images that osslsigncode signed', () => {
  test('name the authority that issued the certificate, not its owner', async () => {
    const folder = certificateOf('Windows UEFI CA 2023', 'Microsoft Windows');
    writeFileSync(join(folder, 'image.efi'), IMAGE);
    signImage(folder, 'image.efi', 'signed.efi');
    const signed = new Uint8Array(readFileSync(join(folder, 'signed.efi')));
    expect(await issuers(signed)).toEqual(['Windows UEFI CA 2023']);
  });

  test('with any byte of the table changed are read or refused, never more', async () => {
    const folder = certificateOf('Windows UEFI CA 2023', 'Microsoft Windows');
    writeFileSync(join(folder, 'image.efi'), IMAGE);
    signImage(folder, 'image.efi', 'signed.efi');
    const signed = new Uint8Array(readFileSync(join(folder, 'signed.efi')));
    for (let at = IMAGE.length; at < signed.length; at += 7) {
      const changed = signed.slice();
      changed[at] = (changed[at] ?? 0) ^ 0xff;
      await issuers(changed).catch((error: unknown) => expect(error).toMatchObject({ code: 'SIGNATURE_INVALID' }));
    }
  });
});
