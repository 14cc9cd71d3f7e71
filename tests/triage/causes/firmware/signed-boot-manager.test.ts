import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { healthyDisk } from '../../../support/healthy/healthy-disk.js';
import { certificateOf, signImage } from '../../../support/sign-image.js';
import { describeWithTools } from '../../../support/tools.js';
import { asking, causeOf, reportOf } from '../../../support/triage/found-causes.js';

const MANAGER = '/EFI/Microsoft/Boot/bootmgfw.efi';
const FALLBACK = '/EFI/Boot/bootx64.efi';

function signed(image: Uint8Array, issuer: string): Uint8Array {
  const folder = certificateOf(issuer, 'Owner');
  writeFileSync(join(folder, 'image.efi'), image);
  signImage(folder, 'image.efi', 'signed.efi');
  return new Uint8Array(readFileSync(join(folder, 'signed.efi')));
}

/** The report of a healthy disk whose boot manager and fallback are changed. */
async function reportWith(
  change: (manager: Uint8Array) => { readonly manager: Uint8Array; readonly fallback: Uint8Array },
): Promise<Awaited<ReturnType<typeof reportOf>>> {
  const disk = await healthyDisk({
    firmware: 'uefi',
    change({ systemFiles }) {
      const { manager, fallback } = change(systemFiles[MANAGER] ?? new Uint8Array(0));
      systemFiles[MANAGER] = manager;
      systemFiles[FALLBACK] = fallback;
    },
  });
  return reportOf(disk);
}

describeWithTools(['osslsigncode', 'openssl'], 'a signed boot manager', () => {
  test.each(['Microsoft Windows Production PCA 2011', 'Windows UEFI CA 2023'])(
    'of the authority %s is told with it, and asks for nothing',
    async (issuer) => {
      const report = await reportWith((manager) => {
        const image = signed(manager, issuer);
        return { manager: image, fallback: image };
      });
      expect(asking(report)).toEqual([]);
      expect(causeOf(report, 'secure-boot-ca')).toMatchObject({ severity: 'none', data: { issuers: [issuer] } });
    },
  );

  test('with one byte changed after it was signed is proven to be damaged', async () => {
    const report = await reportWith((manager) => {
      const image = signed(manager, 'Windows UEFI CA 2023');
      const changed = image.slice();
      changed[0x410] = (changed[0x410] ?? 0) ^ 0x01;
      return { manager: changed, fallback: image };
    });
    expect(asking(report)).toEqual(['boot-manager-damaged act proves']);
  });

  test('beside a fallback that another authority signed hints at another system', async () => {
    const report = await reportWith((manager) => ({
      manager: signed(manager, 'Windows UEFI CA 2023'),
      fallback: signed(manager, 'Microsoft Corporation UEFI CA 2011'),
    }));
    expect(asking(report)).toEqual(['efi-fallback-foreign review hint']);
    expect(causeOf(report, 'efi-fallback-foreign')?.data.owner).toBe('Microsoft Corporation UEFI CA 2011');
  });
});
