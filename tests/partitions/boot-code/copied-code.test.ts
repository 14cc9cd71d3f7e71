import { bootCodeFromCopy, VOLUME_BOOT_BYTES, volumeBoot } from '@deadbox/partitions/internals';
import { describe, expect, test } from 'vitest';

type Sector = Uint8Array<ArrayBuffer>;

/** The boot sectors of an NTFS volume: the jump, the name, parameters, code that looks for BOOTMGR, and its messages. */
function boot(change: (bytes: Sector) => void = () => undefined): Sector {
  const bytes = new Uint8Array(VOLUME_BOOT_BYTES);
  bytes.set([0xeb, 0x52, 0x90]);
  bytes.set(Buffer.from('NTFS    ', 'latin1'), 3);
  bytes.set([0x00, 0x02, 0x08], 0x0b);
  bytes.set([0xfa, 0x33, 0xc0], 0x54);
  bytes.set(Buffer.from('BOOTMGR is missing', 'latin1'), 0x180);
  bytes.set([0x55, 0xaa], 510);
  bytes.set(Buffer.from('BOOTMGR', 'utf16le'), 520);
  change(bytes);
  return bytes;
}

const copyOf = (change?: (bytes: Sector) => void): Sector => boot(change).subarray(0, 512);
const withoutCode = (bytes: Sector): void => void bytes.fill(0, 0x54, 510);
const withoutSignature = (bytes: Sector): void => void bytes.fill(0, 510, 512);

describe('the code of an NTFS boot sector comes back from its copy', () => {
  test('where the sector has lost its code, or its signature', () => {
    expect(bootCodeFromCopy(boot(withoutCode), copyOf())).toBe(true);
    expect(bootCodeFromCopy(boot(withoutSignature), copyOf())).toBe(true);
  });

  test.each<[string, Sector, Sector]>([
    ['nothing is lost', boot(), copyOf()],
    ['the code is somebody else’s', boot((bytes) => bytes.fill(0x90, 0x54, 510)), copyOf()],
    ['it is no NTFS volume', boot((bytes) => bytes.set(Buffer.from('MSDOS5.0'), 3)), copyOf()],
    ['the sectors behind it are not given', boot(withoutCode).subarray(0, 4096), copyOf()],
    ['the copy has no signature', boot(withoutCode), copyOf(withoutSignature)],
    ['the copy has no code either', boot(withoutCode), copyOf(withoutCode)],
    ['their parameters differ', boot(withoutCode), copyOf((bytes) => bytes.fill(1, 0x20, 0x24))],
    [
      'what it would start is not there',
      boot((bytes) => {
        withoutCode(bytes);
        bytes.fill(0, 512);
      }),
      copyOf(),
    ],
  ])('and stays away where %s', (_, head, copy) => {
    expect(bootCodeFromCopy(head, copy)).toBe(false);
  });
});

test('code begins behind the parameters of each file system: what stands in them is no code', () => {
  const codeOf = (name: string, fatSectors: number, at: number): string => {
    const bytes = new Uint8Array(512);
    // A parameter block as Microsoft's FAT specification has it.
    bytes.set([0xeb, 0x58, 0x90, ...Buffer.from(name, 'latin1'), 0x00, 0x02, 8, 32, 0, 2, 0, 0, 0, 0, 0xf8]);
    bytes.set([fatSectors], 0x16);
    bytes.set([0, 0, 1, 0, 9], 0x20);
    bytes[at] = 1;
    bytes.set([0x55, 0xaa], 510);
    return volumeBoot(bytes).code;
  };
  // FAT32 has no sectors a table at 16h, and its code at 5Ah; FAT12 and FAT16 have theirs at 3Eh.
  expect([codeOf('MSDOS5.0', 0, 0x59), codeOf('MSDOS5.0', 0, 0x5a)]).toEqual(['empty', 'other']);
  expect([codeOf('MSDOS5.0', 9, 0x3d), codeOf('MSDOS5.0', 9, 0x3e)]).toEqual(['empty', 'other']);
});
