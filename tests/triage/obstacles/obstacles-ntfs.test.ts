import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { checkpoint, LogBuilder } from '../../support/ntfs/log-builder.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../../support/tools.js';
import {
  idsOf,
  junctionTo,
  NtfsVolumes,
  obstaclesOf,
  setReparsePoint,
  writtenVolume,
} from '../../support/triage/obstacle-fixtures.js';

/** WOF_EXTERNAL_INFO and FILE_PROVIDER_EXTERNAL_INFO_V1: provider 2 (file), XPRESS4K. */
const WOF_DATA = Buffer.from('01000000020000000100000000000000', 'hex');
const DEDUP_FOLDER = 'System Volume Information/Dedup/ChunkStore/{0}.ddp';

describeWithTools(
  ['mkntfs', 'ntfs-3g', 'umount', 'setfattr', 'ntfsfix'],
  'obstacles of an NTFS volume that ntfs-3g wrote',
  () => {
    describe.skipIf(!canMount)('as root', () => {
      const volumes = new NtfsVolumes(temporaryFolder());
      beforeAll(() => volumes.start());

      test('an ordinary Windows volume has none', async () => {
        expect(await obstaclesOf(volumes.plain)).toEqual([]);
      });

      test('dirty-log: ntfsfix asks Windows for a check; ntfsfix -d takes it back', async () => {
        const path = volumes.changed(() => undefined);
        run('ntfsfix', [path]);
        const [found, ...others] = await obstaclesOf(path);
        expect(others).toEqual([]);
        expect(found).toMatchObject({ id: 'dirty-log', volume: 1, data: { dirty: true } });
        // The evidence is the record of $Volume, as it stands in the image.
        expectEvidence(path, found, 'FILE');
        run('ntfsfix', ['-d', path]);
        expect(await idsOf(path)).toEqual([]);
      });

      test('hibernated: what makes ntfs-3g refuse the volume, and only that', async () => {
        const path = volumes.changed((root) => writeFileSync(join(root, 'hiberfil.sys'), hibernation('HIBR')));
        const [found, ...others] = await obstaclesOf(path);
        expect(others).toEqual([]);
        expect(found).toMatchObject({ id: 'hibernated', volume: 1, data: { state: 'hibernated' } });
        expectEvidence(path, found, 'HIBR');
        expect(refusal(path)).toContain('Windows is hibernated');
        const woken = volumes.changed((root) => writeFileSync(join(root, 'hiberfil.sys'), hibernation('wake')));
        expect(await idsOf(woken)).toEqual([]);
        const empty = volumes.changed((root) => writeFileSync(join(root, 'hiberfil.sys'), new Uint8Array(8192)));
        expect(await idsOf(empty)).toEqual([]);
      });

      test('wof: a compressed system file; another file is no sign of a compressed system', async () => {
        const path = volumes.changed((root) =>
          setReparsePoint(join(root, 'Windows/System32/ntoskrnl.exe'), 0x8000_0017, WOF_DATA),
        );
        const [found, ...others] = await obstaclesOf(path);
        expect(others).toEqual([]);
        expect(found).toMatchObject({ id: 'wof', volume: 1, data: { file: '/Windows/System32/ntoskrnl.exe' } });
        expectEvidence(path, found, 'FILE');
        const other = volumes.changed((root) =>
          setReparsePoint(join(root, 'Users/ada/OneDrive - Example/here.txt'), 0x8000_0017, WOF_DATA),
        );
        expect(await idsOf(other)).toEqual([]);
      });

      test('dedup: a chunk store, on a volume with or without Windows; an empty Dedup folder is none', async () => {
        const path = volumes.changed((root) => mkdirSync(join(root, DEDUP_FOLDER), { recursive: true }));
        expect(await obstaclesOf(path)).toMatchObject([
          { id: 'dedup', volume: 1, evidence: [{ what: expect.stringContaining('file record') }] },
        ]);
        const data = volumes.changed((root) => {
          rmSync(join(root, 'Windows'), { recursive: true });
          mkdirSync(join(root, DEDUP_FOLDER), { recursive: true });
        });
        expect(await idsOf(data)).toEqual(['dedup']);
        expect(
          await idsOf(volumes.changed((root) => mkdirSync(join(root, 'System Volume Information/Dedup')))),
        ).toEqual([]);
      });

      test.each([
        ['of today', 0x9000_601a],
        ['of older clients', 0x8000_0021],
      ])('cloud-placeholder: a OneDrive file with the tag %s; the same outside OneDrive is none', async (_, tag) => {
        const data = Buffer.from('0100000000000000', 'hex');
        const path = volumes.changed((root) => {
          const file = join(root, 'Users/ada/OneDrive - Example/there.txt');
          writeFileSync(file, '');
          setReparsePoint(file, tag, data);
        });
        expect(await obstaclesOf(path)).toMatchObject([
          {
            id: 'cloud-placeholder',
            volume: 1,
            data: { file: '/Users/ada/OneDrive - Example/there.txt' },
            evidence: [{ length: 1024 }],
          },
        ]);
        const other = volumes.changed((root) => {
          writeFileSync(join(root, 'Users/ada/there.txt'), '');
          setReparsePoint(join(root, 'Users/ada/there.txt'), tag, data);
        });
        expect(await idsOf(other)).toEqual([]);
      });

      test('link: a junction on the way to the sensor; one beside the way is none', async () => {
        const sensor = volumes.changed((root) => {
          const folder = join(root, 'Windows/System32/drivers/CrowdStrike');
          renameSync(folder, join(root, 'Elsewhere'));
          mkdirSync(folder);
          setReparsePoint(folder, 0xa000_0003, junctionTo('C:\\Elsewhere'));
        });
        expect(await obstaclesOf(sensor)).toMatchObject([
          { id: 'link', volume: 1, data: { path: '/Windows/System32/drivers/CrowdStrike', type: 'junction' } },
        ]);
        const whole = volumes.changed((root) => {
          renameSync(join(root, 'Windows'), join(root, 'Elsewhere'));
          mkdirSync(join(root, 'Windows'));
          setReparsePoint(join(root, 'Windows'), 0xa000_0003, junctionTo('D:\\Windows'));
        });
        const [found, ...others] = await obstaclesOf(whole);
        expect(others).toEqual([]);
        expect(found).toMatchObject({ id: 'link', data: { path: '/Windows' } });
        expectEvidence(whole, found, 'FILE');
        const beside = volumes.changed((root) => {
          mkdirSync(join(root, 'Documents and Settings'));
          setReparsePoint(join(root, 'Documents and Settings'), 0xa000_0003, junctionTo('C:\\Users'));
        });
        expect(await idsOf(beside)).toEqual([]);
      });

      test('case-or-short-name: another case on the way, not elsewhere', async () => {
        const path = volumes.changed((root) => {
          renameSync(join(root, 'Windows/System32'), join(root, 'Windows/system32'));
          renameSync(join(root, 'Windows'), join(root, 'WINDOWS'));
        });
        expect(await obstaclesOf(path)).toMatchObject([
          {
            id: 'case-or-short-name',
            volume: 1,
            data: { paths: ['/WINDOWS', '/WINDOWS/system32'] },
            evidence: [{ length: 1024 }],
          },
        ]);
        expect(await idsOf(volumes.changed((root) => renameSync(join(root, 'Users'), join(root, 'USERS'))))).toEqual(
          [],
        );
      });

      test('damaged-table-or-boot-sector: the boot sector is gone and its backup is not; with both gone nothing is claimed', async () => {
        const bytes = new Uint8Array(readFileSync(volumes.plain));
        bytes.fill(0, 0, 512);
        expect(await obstaclesOf(bytes)).toMatchObject([
          { id: 'damaged-table-or-boot-sector', volume: 1, evidence: [{ offset: 0, bytes: '00'.repeat(64) }] },
        ]);
        bytes.fill(0, bytes.length - 512);
        expect(await idsOf(bytes)).toEqual([]);
      });
    });
  },
);

describe('the journal of a volume', () => {
  const log = (clean: boolean): Uint8Array => {
    const builder = new LogBuilder(1, 64);
    const mark = builder.add({ data: checkpoint({ start: builder.nextLsn }), type: 2 });
    return builder.finish({ current: mark, oldest: mark, checkpoint: mark, clean });
  };

  test('dirty-log (synthetic): its restart page says that it was not closed; a closed one is none', async () => {
    const volume = writtenVolume({ log: log(false) });
    const [found, ...others] = await obstaclesOf(volume);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ id: 'dirty-log', data: { log: 'dirty', dirty: false } });
    expect(Buffer.from(volume.buffer, found?.evidence[0]?.offset, 4).toString('latin1')).toBe('RSTR');
    expect(found?.evidence[0]?.bytes.startsWith(Buffer.from('RSTR').toString('hex'))).toBe(true);
    expect(await idsOf(writtenVolume({ log: log(true) }))).toEqual([]);
    expect(await idsOf(writtenVolume())).toEqual([]);
  });
});

/** What ntfs-3g says to a read-write mount; it falls back to a read-only one. */
function refusal(path: string): string {
  const folder = `${path}.mnt`;
  const { status, stderr } = spawnSync('ntfs-3g', ['-o', 'rw', path, folder], { encoding: 'utf8' });
  if (status === 0) run('umount', [folder]);
  return stderr;
}

/** 64 KiB, so that the content lies outside its record. */
function hibernation(signature: string): Uint8Array {
  const bytes = new Uint8Array(65_536).fill(0x11);
  bytes.set(new TextEncoder().encode(signature));
  return bytes;
}

/** The evidence begins with `signature` and stands in the image where it says. */
function expectEvidence(
  path: string,
  found: Awaited<ReturnType<typeof obstaclesOf>>[number] | undefined,
  signature: string,
): void {
  const [evidence] = found?.evidence ?? [];
  const { offset = -1, bytes = '' } = evidence ?? {};
  expect(Buffer.from(bytes, 'hex').toString('latin1', 0, 4)).toBe(signature);
  expect(
    readFileSync(path)
      .subarray(offset, offset + bytes.length / 2)
      .toString('hex'),
  ).toBe(bytes);
}
