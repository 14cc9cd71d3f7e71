import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { checkVolume, NtfsVolume } from '@deadbox/ntfs';
import { type LdmMember, openLdmVolume, readPartitionTable } from '@deadbox/partitions';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWithCase } from '../../support/cases.js';

/** SHA-256 of `/test.txt`, which every volume of libldm's test data holds. */
const CONTENT = '78f86f3d0ae859b231320c0c21f3d00226e63b88f1198ac28b1a70f9bb760946';

async function contentOf(volume: NtfsVolume): Promise<string> {
  const stream = await (await volume.lookup('/test.txt'))?.stream();
  return createHash('sha256')
    .update((await stream?.read(0, stream.size)) ?? '')
    .digest('hex');
}

describeWithCase('dynamic disk groups of real machines', '22-ldm-multi-disk', ['ntfscat'], (made) => {
  const groups = new Map<string, LdmMember[]>();
  const disks: { close?(): unknown }[] = [];
  const names = (): string[] => readdirSync(made('.')).filter((name) => name.endsWith('.img'));

  beforeAll(async () => {
    for (const name of names()) {
      const disk = await openFile(made(name));
      disks.push(disk);
      const { ldm } = await readPartitionTable(disk);
      if (ldm === undefined) throw new Error(`${name} has no database`);
      groups.set(ldm.groupId, [...(groups.get(ldm.groupId) ?? []), { disk, database: ldm }]);
    }
  });
  afterAll(async () => {
    for (const disk of disks) await disk.close?.();
  });

  test('every volume whose disks are all given is whole: file, boot sector copy, mirror, records and indexes', async () => {
    let volumes = 0;
    for (const members of groups.values()) {
      for (const volume of members[0].database.volumes) {
        const source = openLdmVolume(volume, members, volume.name);
        const tree = await NtfsVolume.open(source as NonNullable<typeof source>);
        expect(await contentOf(tree), volume.name).toBe(CONTENT);
        expect(await checkVolume(tree), volume.name).toMatchObject({ sound: true });
        volumes += 1;
      }
    }
    expect(volumes).toBe(11);
  });

  test('a RAID-5 volume is read without any one of its disks, and not without two', async () => {
    for (const members of groups.values()) {
      const volume = members[0].database.volumes.find(({ layout }) => layout === 'raid5');
      for (const { diskId } of volume?.parts ?? []) {
        const rest = members.filter(({ database }) => database.diskId !== diskId);
        const source = openLdmVolume(volume as NonNullable<typeof volume>, rest, 'degraded');
        const tree = await NtfsVolume.open(source as NonNullable<typeof source>);
        expect(await contentOf(tree)).toBe(CONTENT);
        expect(await checkVolume(tree)).toMatchObject({ sound: true });
        const own = rest.filter(({ database }) => volume?.parts.some((part) => part.diskId === database.diskId));
        expect(openLdmVolume(volume as NonNullable<typeof volume>, own.slice(1), 'too few')).toBeUndefined();
      }
    }
  });

  describe('a disk of its own', () => {
    const layouts = { spanned: 'Volume2', striped: 'Stripe1', raid5: 'Raid1' };
    for (const [layout, volumeName] of Object.entries(layouts)) {
      test(`names its ${layout} volume, and the disks that are missing to read it`, async () => {
        const name = names().find((candidate) => candidate.includes(`2003r2-${layout}-1`)) as string;
        const source = await openFile(made(name));
        const disk = await openDisk(source, { name });
        const volume = disk.volumes.find(({ partition }) => partition?.name === volumeName);
        expect(volume?.partition).toMatchObject({ type: '0x42', dynamic: { layout } });
        expect(volume?.missingDisks.length).toBeGreaterThan(0);
        await expect(volume?.fileTree()).rejects.toMatchObject({ code: 'VOLUME_INCOMPLETE' });
        await disk.close();
        await source.close?.();
      });
    }

    test('reads its volume once the other disks are given, whatever else is given with them', async () => {
      const all = await Promise.all(names().map(async (name) => ({ name, source: await openFile(made(name)) })));
      for (const { name, source } of all.filter((candidate) => /spanned|striped|raid5/.test(candidate.name))) {
        const disk = await openDisk(source, { name, members: all });
        const readable = disk.volumes.filter(({ fileSystem }) => fileSystem === 'ntfs');
        expect(readable.length, name).toBeGreaterThan(0);
        for (const volume of readable) expect(await contentOf((await volume.ntfs()) as NtfsVolume)).toBe(CONTENT);
        await disk.close();
      }
      for (const { source } of all) await source.close?.();
    });
  });
});
