import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MemorySource } from '@deadbox/core';
import { fileSiblings, openFile } from '@deadbox/core/node';
import { openDisk } from '@deadbox/disk';
import { expect, test } from 'vitest';
import { describeWithTools, run, temporaryFolder } from '../support/tools.js';

describeWithTools(['qemu-img'], 'encrypted image files', () => {
  const folder = temporaryFolder();
  const secret = ['--object', 'secret,id=s,data=secret'];
  const cases: [string, string[], string | undefined][] = [
    ['qcow2 with AES', ['-f', 'qcow2', '-o', 'encrypt.format=aes,encrypt.key-secret=s'], 'QCOW2 AES'],
    ['qcow with AES', ['-f', 'qcow', '-o', 'encrypt.format=aes,encrypt.key-secret=s'], 'QCOW AES'],
    ['plain qcow2', ['-f', 'qcow2'], undefined],
    ['plain qcow', ['-f', 'qcow'], undefined],
    ['plain vmdk', ['-f', 'vmdk'], undefined],
    ['plain vdi', ['-f', 'vdi'], undefined],
    ['plain vhdx', ['-f', 'vhdx'], undefined],
  ];
  for (const [name, args, product] of cases) {
    test(`${name}: the disk says ${product ?? 'nothing of encryption'}`, async () => {
      const path = join(folder, name.replaceAll(' ', '-'));
      run('qemu-img', ['create', '-q', ...secret, ...args, path, '16M']);
      const file = await openFile(path);
      const disk = await openDisk(file);
      if (product === undefined) expect(disk.encryption).toEqual([]);
      else expect(disk.encryption).toMatchObject([{ verdict: 'encrypted-locked', needs: ['hypervisor'], product }]);
      await disk.close();
      await file.close?.();
    });
  }

  test('qcow2 with LUKS is told by method 2 and the header that the extension points to', async () => {
    // qemu-img measures its processor for a LUKS key and gives up on a busy machine; so a plain image gets the
    // documented fields.
    const path = join(folder, 'luks.qcow2');
    run('qemu-img', ['create', '-q', '-f', 'qcow2', path, '16M']);
    const bytes = new Uint8Array(0x40000);
    bytes.set(readFileSync(path).subarray(0, 0x30000));
    const view = new DataView(bytes.buffer);
    view.setUint32(32, 2);
    const extension = view.getUint32(100);
    bytes.fill(0, extension, extension + 32);
    view.setUint32(extension, 0x0537_be77);
    view.setUint32(extension + 4, 16);
    view.setBigUint64(extension + 8, 0x30000n);
    view.setBigUint64(extension + 16, 0x1000n);
    bytes.set([0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe, 0, 1], 0x30000);
    const disk = await openDisk(new MemorySource(bytes));
    expect(disk.encryption).toMatchObject([{ verdict: 'encrypted-locked', product: 'QCOW2 LUKS' }]);
    await disk.close();
  });

  test('a VDI that VirtualBox encrypts is told by the settings of its machine, and its random data is named', async () => {
    const path = join(folder, 'encrypted.vdi');
    writeFileSync(join(folder, 'noise.raw'), randomBytes(80 << 20));
    run('qemu-img', ['convert', '-f', 'raw', '-O', 'vdi', join(folder, 'noise.raw'), path]);
    const id = run('xxd', ['-s', '392', '-l', '16', '-p', path]).trim();
    const groups = [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16)].map((part) =>
      part.match(/../g)?.toReversed().join(''),
    );
    const uuid = `${groups.join('-')}-${id.slice(16, 20)}-${id.slice(20)}`;
    const settings = `<HardDisk uuid="{${uuid}}"><Property name="CRYPT/KeyStore" value="A"/></HardDisk>`;
    writeFileSync(join(folder, 'vm.vbox'), settings);
    const file = await openFile(path);
    const disk = await openDisk(file, { siblings: fileSiblings(path) });
    expect(disk.encryption).toMatchObject([{ product: 'VirtualBox disk encryption', details: { machine: 'vm.vbox' } }]);
    expect(disk.volumes[0].encryption).toMatchObject({
      verdict: 'encrypted-unknown-product',
      product: 'VirtualBox disk encryption',
    });
    await disk.close();
    await file.close?.();
  });
});
