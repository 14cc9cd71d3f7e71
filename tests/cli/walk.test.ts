import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Structure } from '@deadbox/core';
import * as encryption from '@deadbox/encryption/internals';
import * as fat from '@deadbox/fat';
import * as image from '@deadbox/image/internals';
import * as ntfs from '@deadbox/ntfs';
import * as partitions from '@deadbox/partitions';
import { displayWidth } from '@deadbox/report/internals';
import { walk as ja } from '@deadbox/report/walk/ja';
import type { Walk } from '@deadbox/triage/walk';
import * as windows from '@deadbox/windows/internals';
import { describe, expect, test } from 'vitest';
import { runInProcess } from '../support/cli-in-process.js';
import { testImagePath } from '../support/test-image.js';
import { describeWithTools, run, runBytes, temporaryFolder } from '../support/tools.js';

const FILE = '/Windows/System32/drivers/CrowdStrike/C-00000291-00000000-00000032.sys';

describeWithTools(['qemu-img', 'xxd'], 'the lines that a walk gives to check it by', () => {
  const folder = temporaryFolder();

  test.each([
    ['raw', 'raw', []],
    ['vpc', 'vhd', []],
    ['vhdx', 'vhdx', []],
    ['qcow2', 'qcow2', []],
    ['vmdk', 'vmdk', []],
    ['vdi', 'vdi', []],
  ])('show its bytes in a %s image', async (format, ending, options) => {
    const disk = join(folder, `d.${ending}`);
    run('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, testImagePath('gpt-faulty'), disk]);
    const [json, text] = [join(folder, `${ending}.json`), join(folder, `${ending}.txt`)];
    expect(await runInProcess(['walk', '--json', '-o', json, disk, FILE])).toMatchObject({ code: 0 });
    expect(await runInProcess(['walk', '-o', text, disk, FILE])).toMatchObject({ code: 0 });
    const { steps, image: opened } = JSON.parse(readFileSync(json, 'utf8')) as Walk;
    if (format !== 'raw') expect(steps[0]).toMatchObject({ id: 'container-header', offset: null });
    expect(opened.format).toBe(format === 'vpc' ? 'vhd' : format);
    const lines = [...readFileSync(text, 'utf8').matchAll(/xxd -s (\d+) -l (\d+) (\S+)$/gm)];
    const pieces = steps.flatMap(({ pieces: list, bytes, stored }) =>
      list.map(({ at, length }) => (stored ?? bytes).slice(at * 2, (at + length) * 2)),
    );
    expect(lines.length).toBe(pieces.length);
    expect(lines.length).toBeGreaterThan(30);
    // One start of xxd shows the whole file; each line asks for a part of that.
    const whole = runBytes('xxd', ['-p', '-c', '0', disk]).toString().replaceAll('\n', '');
    for (const [index, [, offset, length, path]] of lines.entries()) {
      expect(path).toBe(disk);
      expect(whole.slice(Number(offset) * 2, (Number(offset) + Number(length)) * 2)).toBe(pieces[index]);
    }
    const [line, offset, length] = lines[lines.length - 1];
    const shown = run('sh', ['-c', line.replace('xxd', 'xxd -p -c 0')]).trim();
    expect([shown, offset, length]).toEqual([pieces[pieces.length - 1], offset, length]);
  });
});

describe('the page of a walk', () => {
  const folder = temporaryFolder();

  test.each(['en', 'ja'] as const)('fits into 80 columns (%s)', async (language) => {
    const out = join(folder, `${language}.md`);
    const { code } = await runInProcess(['walk', '-o', out, testImagePath('gpt-faulty'), FILE], language);
    expect(code).toBe(0);
    const rows = readFileSync(out, 'utf8')
      .split('\n')
      .filter((line) => /^ {2}[0-9a-f]{8} /.test(line));
    expect(rows.length).toBeGreaterThan(60);
    for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(80);
  });

  test('leads to what a cause names', async () => {
    const out = join(folder, 'cause.json');
    const { code } = await runInProcess([
      'walk',
      '--json',
      '-o',
      out,
      testImagePath('gpt-faulty'),
      'rule:crowdstrike-channel-file-291',
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({
      target: { kind: 'file', path: FILE },
      reached: true,
    });
  });

  test.each([
    ['SYSTEM\\CurrentControlSet\\Control\\ComputerName', 'ControlSet001\\Control\\ComputerName'],
    ['BCD\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\\23000003', 'Objects\\{9dea862c-5cdd-4e70-acc1-f32b344d4795}'],
  ])('finds %s', async (target, key) => {
    const out = join(folder, 'key.json');
    await runInProcess(['walk', '--json', '-o', out, testImagePath('gpt-faulty'), target]);
    const walk = JSON.parse(readFileSync(out, 'utf8')) as Walk & { target: { key: string } };
    expect(walk.target.key.startsWith(key)).toBe(true);
    expect(walk.steps.at(-1)?.data.at).toBeGreaterThan(4096);
  });

  test('says that it knows no such cause, with code 1', async () => {
    const ran = await runInProcess(['walk', testImagePath('gpt-absent'), 'bcd-missing']);
    expect(ran.said).toContain('bcd-missing');
    expect(ran.error).toMatchObject({ exitCode: 1 });
  });
});

test('every field that a walk may show is explained in Japanese', () => {
  const modules: Record<string, unknown>[] = [encryption, fat, image, ntfs, partitions, windows];
  const names = [
    'VHD_FOOTER VHD_DYNAMIC_HEADER VHDX_HEADER QCOW2_HEADER QCOW_HEADER VMDK_SPARSE_HEADER VDI_HEADER MBR',
    'MBR_ENTRY GPT_HEADER GPT_ENTRY VOLUME_HEADER VOLUME_IDENTIFIER METADATA_BLOCK_HEADER DATASET_HEADER',
    'NTFS_BOOT_SECTOR FILE_RECORD_HEADER ATTRIBUTE_HEADER RESIDENT_HEADER NON_RESIDENT_HEADER',
    'ATTRIBUTE_LIST_ENTRY INDEX_ROOT INDEX_BLOCK INDEX_NODE INDEX_ENTRY FILE_NAME FAT_BOOT_SECTOR',
    'FAT32_BOOT_SECTOR FAT_ENTRY BASE_BLOCK HIVE_CELL LOG_ENTRY KEY_NODE SUBKEY_LIST KEY_VALUE BCD_DEVICE',
    'BOOT_LOG_HEADER BOOT_LOG_ENTRY',
  ].flatMap((line) => line.split(' '));
  const tables = names.map((name) => modules.map((module) => module[name]).find((table) => table !== undefined));
  expect(tables).not.toContain(undefined);
  const meanings = (tables as Structure[]).flatMap(({ fields }) => Object.values(fields).map(({ meaning }) => meaning));
  const runs = ntfs.describeDataRuns(Uint8Array.of(0x11, 1, 1, 0)).map(({ meaning }) => meaning);
  // What is a signature or a number needs no translation.
  const isWord = (meaning: string): boolean => / /.test(meaning) && !/^("[^"]*"|[A-Z ]+)$/.test(meaning);
  expect([...meanings, ...runs].filter((meaning) => isWord(meaning) && ja.meaning({ meaning }) === meaning)).toEqual(
    [],
  );
});
