import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { certificateOf, signImage } from '../../../support/sign-image.js';
import { describeWithTools } from '../../../support/tools.js';
import { allCauses, windowsImage } from '../../../support/triage/windows-volume.js';

const SYSTEM32 = '/Windows/System32';

/** A Windows 7 with a kernel of this revision, and a boot-start driver of another maker signed with one digest. */
async function causesOf(revision: number, digest: 'sha1' | 'sha256', build = 7601): Promise<string[]> {
  const folder = certificateOf('Some Authority', 'Maker');
  writeFileSync(join(folder, 'driver.sys'), windowsImage('viostor', '6.1.7600.1'));
  signImage(folder, 'driver.sys', 'signed.sys', digest);
  const version = build === 7601 ? `6.1.7601.${revision}` : `10.0.${build}.${revision}`;
  const causes = await allCauses({
    build,
    keys: { 'Services\\viostor': { Type: 1, Start: 0, ErrorControl: 1, Group: 'SCSI miniport' } },
    files: {
      [`${SYSTEM32}/ntoskrnl.exe`]: { content: windowsImage('ntoskrnl.exe', version) },
      [`${SYSTEM32}/drivers/viostor.sys`]: { content: new Uint8Array(readFileSync(join(folder, 'signed.sys'))) },
    },
  });
  return causes.flatMap(({ id, severity, confidence, data }) =>
    id === 'sha2-unsupported' ? [`${JSON.stringify(data.name)} ${severity} ${confidence}`] : [],
  );
}

describeWithTools(['osslsigncode', 'openssl'], 'a driver that is signed with SHA-256 alone', () => {
  test('is not loaded by a Windows 7 whose kernel is older than the update for it', async () => {
    expect(await causesOf(17_514, 'sha256')).toEqual(['"viostor" act strong']);
  });

  test('is loaded by the kernel of that update, and by a newer Windows', async () => {
    expect(await causesOf(18_741, 'sha256')).toEqual([]);
    expect(await causesOf(1, 'sha256', 17_763)).toEqual([]);
  });

  test('is no matter where it is signed with SHA-1', async () => {
    expect(await causesOf(17_514, 'sha1')).toEqual([]);
  });
});
