import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyList } from '@deadbox/encryption';
import { planRepair, type RepairPlan } from '@deadbox/repair';
import { applyRepair, readJournal, undoRepair } from '@deadbox/repair/node';
import { scanDisk } from '@deadbox/triage';
import { expect, test } from 'vitest';
import { makeBitLockerVolume } from '../support/bitlocker-volume.js';
import { recoveryKey } from '../support/encryption/volumes.js';
import { sampled } from '../support/long.js';
import { expectRenamed, JUDGES, type RenamedFile } from '../support/repair/judges.js';
import { differingBytes, fileSha256, withDiskFile } from '../support/repair/repaired-disk.js';
import { testImage, testImagePath } from '../support/test-image.js';
import { canMount, describeWithTools, run, temporaryFolder } from '../support/tools.js';

const folder = temporaryFolder();
const golden = testImage('mbr-faulty');
const { offset, length } = golden.partitions[golden.windowsVolume - 1];
const recoveryPassword = '235818-357951-253979-013365-241120-245575-342914-591910';

const METHODS = [
  ['AES-CBC 128 with diffuser', 0x8000],
  ['AES-CBC 256', 0x8003],
  ['XTS-AES 128', 0x8004],
  ['XTS-AES 256', 0x8005],
] as const;

describeWithTools(
  ['qemu-img', 'dislocker-file', ...JUDGES],
  'the faulty file of a BitLocker volume inside a VHDX',
  () => {
    test.each(sampled(METHODS, 2))(
      '%s: is renamed in the ciphertext, as dislocker decrypts it, and put back',
      async (_, method) => {
        const disk = readFileSync(testImagePath('mbr-faulty'));
        const plain = new Uint8Array(disk.subarray(offset, offset + length));
        const made = makeBitLockerVolume(plain, { recoveryPassword, method });
        disk.set(made.bytes, offset);
        const raw = join(folder, `${method}.raw`);
        const path = join(folder, `${method}.vhdx`);
        writeFileSync(raw, disk);
        run('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', raw, path]);
        const original = fileSha256(path);
        const undo = join(folder, `${method}.undo.json`);
        const keys = { keys: keyList([recoveryKey(recoveryPassword)]) };
        const plan = await withDiskFile(
          path,
          async (opened): Promise<RepairPlan> => {
            const file = golden.files.find((one) => one.class === 'faulty-window');
            const request = {
              operation: 'neutralise-file',
              volume: golden.windowsVolume,
              path: file?.path ?? '',
            } as const;
            const planned = await planRepair(opened, [request]);
            expect(planned.refusals).toEqual([]);
            await applyRepair(opened, planned, undo);
            return planned;
          },
          keys,
        );
        await withDiskFile(path, async (opened) => expect((await scanDisk(opened)).verdict).toBe('cleared'), keys);
        // What another program decrypts: the plain volume with exactly the planned bytes changed.
        run('qemu-img', ['convert', '-O', 'raw', path, raw]);
        const [before, after] = [join(folder, `${method}.before`), join(folder, `${method}.after`)];
        writeFileSync(before, made.expected);
        const sealed = join(folder, 'sealed.img');
        writeFileSync(sealed, readFileSync(raw).subarray(offset, offset + length));
        run('dislocker-file', ['-V', sealed, `-p${recoveryPassword}`, '--', after]);
        const planned = plan.operations[0].edits.map((edit) => edit.offset).toSorted((a, b) => a - b);
        expect(differingBytes(before, after)).toEqual(planned);
        if (canMount) {
          const names = plan.operations[0].data.names as unknown as RenamedFile['names'];
          const sha256 = golden.files.find((one) => one.class === 'faulty-window')?.sha256 ?? '';
          expectRenamed(
            after,
            { offset: 0, length },
            { folder: '/Windows/System32/drivers/CrowdStrike', names, sha256 },
          );
        }
        undoRepair(readJournal(undo));
        expect(fileSha256(path)).toBe(original);
      },
    );
  },
);
