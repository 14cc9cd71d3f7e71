import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findMeasuredBoots, parseMeasuredBoot } from '@deadbox/windows';
import { describe, expect, test } from 'vitest';
import { bootOption, filePath, variable, writeMeasuredLog } from '../../support/measured-boot-writer.js';
import { memoryTree } from '../../support/memory-tree.js';
import { describeWithTools } from '../../support/tools.js';

const CONFIG = 0x80000001;
const BOOT = 0x80000002;
const ESP = { number: 2, startLba: 923_648, sizeLba: 204_800, id: 'A1B2C3D4-0102-0304-0506-0708090A0B0C' };
const MANAGER = '\\EFI\\Microsoft\\Boot\\bootmgfw.efi';

const events = [
  { register: 0, type: 8, data: [0x31, 0, 0, 0] },
  variable(CONFIG, 'SecureBoot', [1]),
  variable(BOOT, 'BootOrder', [3, 0, 0, 0]),
  variable(BOOT, 'Boot0003', bootOption('Windows Boot Manager', filePath(ESP, MANAGER))),
  { register: 4, type: 4, data: [0, 0, 0, 0] },
];

describe('the log of a measured start', () => {
  test.each([true, false])(
    'tells Secure Boot, the boot order and the entry with its partition (crypto-agile: %s)',
    (agile) => {
      const bytes = writeMeasuredLog(events, agile);
      const log = parseMeasuredBoot(bytes);
      expect(log).toMatchObject({ secureBoot: true, bootOrder: [3, 0], damaged: false, events: agile ? 6 : 5 });
      const [option] = log?.options ?? [];
      expect(log?.options).toHaveLength(1);
      expect(option).toMatchObject({
        number: 3,
        active: true,
        name: 'Windows Boot Manager',
        path: MANAGER,
        partition: { style: 'gpt', number: 2, startLba: 923_648, sizeLba: 204_800, partitionId: ESP.id },
      });
      // The GUID begins D4 C3 B2 A1 as stored.
      const at = option?.partitionIdAt ?? -1;
      expect([...bytes.subarray(at, at + 4)]).toEqual([0xd4, 0xc3, 0xb2, 0xa1]);
    },
  );

  test('tells the signature of an MBR disk', () => {
    const path = filePath({ ...ESP, id: 0x1234abcd }, MANAGER);
    const log = parseMeasuredBoot(writeMeasuredLog([variable(BOOT, 'Boot0000', bootOption('', path))]));
    expect(log?.options[0]?.partition).toMatchObject({ style: 'mbr', diskSignature: '1234ABCD' });
  });

  test('says that Secure Boot was off, and nothing where it was not measured', () => {
    expect(parseMeasuredBoot(writeMeasuredLog([variable(CONFIG, 'SecureBoot', [0])]))?.secureBoot).toBe(false);
    expect(parseMeasuredBoot(writeMeasuredLog([events[0]]))).toMatchObject({ events: 2, options: [] });
  });

  test("hears no variable of another vendor's name space", () => {
    const other = '605dab50-e046-4300-abb6-3dd810dd8b23';
    expect(
      parseMeasuredBoot(writeMeasuredLog([variable(CONFIG, 'SecureBoot', [1], other)]))?.secureBoot,
    ).toBeUndefined();
  });

  test('a log that is cut in the middle of an event keeps what came before, and says so', () => {
    const bytes = writeMeasuredLog(events);
    const log = parseMeasuredBoot(bytes.slice(0, bytes.length - 3));
    expect(log).toMatchObject({ damaged: true, secureBoot: true, events: 5 });
  });

  test('zeros behind the last event are no damage', () => {
    const bytes = new Uint8Array(4096);
    bytes.set(writeMeasuredLog(events));
    expect(parseMeasuredBoot(bytes)).toMatchObject({ damaged: false, events: 6 });
  });

  test('anything else is no log, and no byte of a log leads out of it', () => {
    expect(parseMeasuredBoot(new Uint8Array(10))).toBeUndefined();
    expect(parseMeasuredBoot(new Uint8Array(4096).fill(0xff))).toBeUndefined();
    const bytes = writeMeasuredLog(events);
    for (let at = 0; at < bytes.length; at += 1)
      for (const value of [0x00, 0x7f, 0xff]) {
        const changed = bytes.slice();
        changed[at] = value;
        expect(() => parseMeasuredBoot(changed)).not.toThrow();
      }
  });
});

describe('the logs of measured starts of an installation', () => {
  test('are counted, and the newest by its number is read', async () => {
    const tree = memoryTree({
      '/Windows/Logs/MeasuredBoot/0000000009-0000000001.log': new Uint8Array(8),
      '/Windows/Logs/MeasuredBoot/0000000010-0000000000.log': writeMeasuredLog(events),
      '/Windows/Logs/MeasuredBoot/readme.log': new Uint8Array(8),
    });
    expect(await findMeasuredBoots(tree, '/Windows')).toMatchObject({
      count: 2,
      newest: {
        path: '/Windows/Logs/MeasuredBoot/0000000010-0000000000.log',
        written: '2024-07-19T02:09:35.8000000Z',
        log: { secureBoot: true },
      },
    });
  });

  test('are absent where there is no folder, and none where it is empty', async () => {
    expect(await findMeasuredBoots(memoryTree({ '/Windows/Logs/': undefined }), '/Windows')).toBeUndefined();
    expect(await findMeasuredBoots(memoryTree({ '/Windows/Logs/MeasuredBoot/': undefined }), '/Windows')).toEqual({
      count: 0,
    });
  });
});

describeWithTools(['tpm2_eventlog'], 'tpm2_eventlog of the logs that these tests write', () => {
  test('agrees on the variables, the partition and the file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'deadbox-tcg-'));
    try {
      writeFileSync(join(folder, 'log'), writeMeasuredLog(events));
      const { stdout, status } = spawnSync('tpm2_eventlog', [join(folder, 'log')], { encoding: 'utf8' });
      expect(status).toBe(0);
      expect(stdout).toContain('UnicodeName: SecureBoot');
      expect(stdout).toContain('UnicodeName: Boot0003');
      // The tool prints the values as hexadecimal digits: the entry's active flag, its name, the node of the partition.
      expect(stdout).toContain('VariableData: "01"');
      expect(stdout).toMatch(/VariableData: "01000000\w{4}570069006e0064006f0077007300/);
      expect(stdout).toContain('d4c3b2a10201040305060708090a0b0c0202');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
