import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeWithCase } from '../support/cases.js';
import { deadbox, deadboxJson } from '../support/cli.js';
import { testImagePath } from '../support/test-image.js';
import { temporaryFolder } from '../support/tools.js';

type Seen = readonly [path: string, verdict: string | undefined, disk: number | undefined];
const seen = (report: any): Seen[] =>
  report.images.map((image: any): Seen => [image.path, image.verdict ?? image.error.code, image.machine?.disk]);

describe('a machine named by its description', () => {
  const folder = temporaryFolder();
  const place = (name: string): string => join(folder, name);
  const vmx = (name: string, ...disks: string[]): string => {
    const lines = disks.map((disk, index) => `scsi0:${index}.fileName = "${disk}"\nscsi0:${index}.present = "TRUE"\n`);
    writeFileSync(place(name), `config.version = "8"\ndisplayName = "server-07"\n${lines.join('')}`);
    return place(name);
  };

  beforeAll(() => {
    mkdirSync(place('disks'));
    mkdirSync(place('vm.hdd'));
    copyFileSync(testImagePath('gpt-faulty'), place('disks/bad.img'));
    copyFileSync(testImagePath('gpt-reverted'), place('disks/good.img'));
    copyFileSync(testImagePath('gpt-faulty'), place('vm.hdd/vm.hds'));
    // A file system without Windows.
    deadbox(['export', '--volume', '1', testImagePath('gpt-reverted'), '-o', place('disks/data.img')]);
    const size = 55_574_528 / 512;
    writeFileSync(
      place('vm.hdd/DiskDescriptor.xml'),
      `<Parallels_disk_image Version="1.0"><Disk_Parameters><Disk_size>${size}</Disk_size></Disk_Parameters><StorageData><Storage><Start>0</Start><End>${size}</End><Blocksize>2048</Blocksize><Image><GUID>{5fbaabe3-6958-40ff-92a7-860e329aab41}</GUID><Type>Plain</Type><File>vm.hds</File></Image></Storage></StorageData><Snapshots><Shot><GUID>{5fbaabe3-6958-40ff-92a7-860e329aab41}</GUID><ParentGUID>{00000000-0000-0000-0000-000000000000}</ParentGUID></Shot></Snapshots></Parallels_disk_image>`,
    );
  });

  test('is judged disk by disk, each said to be one of it', () => {
    const path = vmx('two.vmx', 'disks/data.img', 'disks\\bad.img');
    const report = deadboxJson(['scan', '--quick', '--json', path]);
    expect(seen(report)).toEqual([
      [place('disks/data.img'), 'no-windows', 1],
      [place('disks/bad.img'), 'faulty', 2],
    ]);
    expect(report.images[1].machine).toEqual({
      path,
      kind: 'vmx',
      name: 'server-07',
      disk: 2,
      disks: 2,
      recorded: 'disks\\bad.img',
    });
    const { code, stdout } = deadbox(['scan', '--quick', path]);
    expect(code).toBe(1);
    expect(stdout).toContain('Disk 2 of 2 of server-07: disks\\bad.img');
    const lines = deadbox(['scan', '--quick', '--ndjson', path]).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(['image', 'image', 'summary']);
  });

  test('asks for nothing where one disk holds a Windows that is well, and the others were read and hold none', () => {
    const path = vmx('well.vmx', 'disks/good.img', 'disks/data.img');
    expect(deadbox(['scan', '--quick', path])).toMatchObject({ code: 0, stdout: expect.stringContaining('data disk') });
    // Alone it may be the wrong disk, and without a Windows anywhere somebody must look.
    expect(deadbox(['scan', '--quick', place('disks/data.img')]).code).toBe(3);
    expect(deadbox(['scan', '--quick', vmx('none.vmx', 'disks/data.img', 'disks/data.img')]).code).toBe(3);
  });

  test('names a disk that is not there, and does not call itself well', () => {
    const path = vmx('gone.vmx', 'disks/good.img', '/vmfs/volumes/ds1/gone.vmdk');
    const { code, stdout } = deadbox(['scan', '--quick', path]);
    expect(code).toBe(3);
    expect(stdout).toContain('Disk 2 of 2 of server-07: /vmfs/volumes/ds1/gone.vmdk');
  });

  test('whose disks were moved beside it finds them there', () => {
    copyFileSync(testImagePath('gpt-faulty'), place('moved.img'));
    for (const recorded of ['C:\\VMs\\old\\moved.img', '/var/lib/libvirt/images/moved.img'])
      expect(seen(deadboxJson(['scan', '--quick', '--json', vmx('moved.vmx', recorded)]))).toEqual([
        [place('moved.img'), 'faulty', 1],
      ]);
  });

  test('does not open what is neither a file, a folder nor a disk', () => {
    for (const recorded of ['/dev/zero', '/proc/self/mem', '..'])
      expect(deadbox(['scan', '--quick', vmx('device.vmx', recorded)])).toMatchObject({ code: 2 });
  });

  test.each([
    [
      'server.vbox',
      '<VirtualBox><Machine name="server-07"><MediaRegistry><HardDisks><HardDisk uuid="{a}" location="disks/bad.img"/></HardDisks></MediaRegistry><Hardware><StorageControllers><AttachedDevice type="HardDisk"><Image uuid="{a}"/></AttachedDevice></StorageControllers></Hardware></Machine></VirtualBox>',
      'disks/bad.img',
    ],
    [
      'server.xml',
      '<domain><name>server-07</name><devices><disk device="disk"><source file="FOLDER/disks/bad.img"/></disk></devices></domain>',
      'disks/bad.img',
    ],
    [
      'config.pvs',
      '<ParallelsVirtualMachine><Identification><VmName>server-07</VmName></Identification><Hardware><Hdd id="0"><Enabled>1</Enabled><SystemName>vm.hdd</SystemName></Hdd><CdRom><SystemName>win.iso</SystemName></CdRom></Hardware></ParallelsVirtualMachine>',
      'vm.hdd/DiskDescriptor.xml',
    ],
  ])('%s is read', (name, text, disk) => {
    writeFileSync(place(name), text.replace('FOLDER', folder));
    const report = deadboxJson(['scan', '--quick', '--json', place(name)]);
    expect(seen(report)).toEqual([[place(disk), 'faulty', 1]]);
    expect(report.images[0].machine.name).toBe('server-07');
  });

  test('a bundle is one disk, for every verb', () => {
    expect(deadboxJson(['info', '--json', place('vm.hdd')]).image).toMatchObject({ format: 'parallels' });
  });

  test('one of its disks is chosen with --disk; the other verbs say which one they opened', () => {
    const path = vmx('choose.vmx', 'disks/data.img', 'disks/bad.img');
    expect(deadboxJson(['info', '--json', '--disk', '2', path]).disk.partitionTable).toBe('gpt');
    expect(deadbox(['info', path])).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/2 disks; this is disk 1, disks\/data\.img/),
    });
    expect(deadbox(['info', '--disk', '2', path]).stderr).toBe('');
    expect(seen(deadboxJson(['scan', '--quick', '--json', '--disk', '2', path]))).toEqual([
      [place('disks/bad.img'), 'faulty', 2],
    ]);
    for (const verb of ['info', 'scan'])
      expect(deadbox([verb, '--disk', '3', path])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('it has 2: disks/data.img, disks/bad.img'),
      });
    expect(deadbox(['info', '--disk', '2', place('disks/bad.img')])).toMatchObject({ code: 2 });
    const plan = deadbox(['fix', '--disk', '2', path]);
    expect(plan.code).toBe(1);
    expect(plan.stdout).toContain('--disk 2');
  });

  test('that has no disks is said to have none', () => {
    expect(deadbox(['scan', vmx('empty.vmx')])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('without disks'),
    });
  });
});

describeWithCase('an archive with the data disk first', '03-ova-shapes', ['qemu-img', 'python3'], (made) => {
  test.each(['data-first.ova', 'data-first-by-disk-order.ova'])(
    'is judged with all of its disks: %s, as text and as JSON',
    (name) => {
      const report = deadboxJson(['scan', '--quick', '--json', made(name)]);
      expect(report.images.map((image: any) => [image.machine.recorded, image.verdict]).sort()).toEqual([
        ['data.vmdk', 'no-windows'],
        ['sys.vmdk', 'faulty'],
      ]);
      const { code, stdout } = deadbox(['scan', '--quick', made(name)]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/sys\.vmdk[\s\S]*data\.vmdk/);
    },
  );

  test('gives a file of its second disk on request', () => {
    const { disks } = deadboxJson(['info', '--json', '--quiet', made('data-first.ova')]).image.details.archive;
    const number = String(disks.indexOf('sys.vmdk') + 1);
    expect(deadbox(['ls', '--disk', number, made('data-first.ova'), '/Windows']).stdout).toContain('System32');
  });
});

describeWithCase('a container that is encrypted itself', '04-qcow2-shapes', ['qemu-img', 'python3'], (made) => {
  test('is said to be so, once, by every verb', () => {
    const info = deadbox(['info', made('luks.qcow2')]);
    expect(info.code).toBe(0);
    expect(info.stdout).toMatch(/encryption\s+QCOW2 LUKS, aes-xts-plain64/);
    expect(info.stdout).toContain('The image itself is encrypted');
    const scan = deadbox(['scan', made('luks.qcow2')]);
    expect(scan.code).toBe(3);
    expect(scan.stdout).toContain('The image itself is encrypted (QCOW2 LUKS)');
    for (const verb of ['ls', 'verify']) {
      const { code, stderr } = deadbox([verb, made('luks.qcow2')]);
      expect(code).toBe(3);
      expect(stderr.match(/encrypted/g)).toHaveLength(1);
    }
  });
});

describeWithCase('a chain that does not fit', '13-vmdk-names-and-chains', ['qemu-img', 'python3'], (made) => {
  test('is refused, and taken with --force-chain, loudly', () => {
    const path = made('cid/srv_1-000001.vmdk');
    expect(deadbox(['scan', path]).code).toBe(2);
    const { code, stdout, stderr } = deadbox(['scan', '--quiet', '--force-chain', path]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/WARNING: srv_1\.vmdk does not fit .* mixture of two states/);
    expect(stdout).toContain('image.parent-not-verified');
    const [image] = deadboxJson(['scan', '--json', '--force-chain', path]).images;
    expect(image.issues).toContainEqual(
      expect.objectContaining({ code: 'image.parent-not-verified', severity: 'error' }),
    );
  });

  test('is nothing to write to', () => {
    expect(deadbox(['fix', '--force-chain', made('cid/srv_1-000001.vmdk')]).code).toBe(2);
  });
});

describeWithCase('an incomplete set of segments', '01-ewf-stale-segment', ['ewfacquire', 'python3'], (made) => {
  test('is refused, and opened with --incomplete, loudly', () => {
    const path = made('e/case.E01');
    expect(deadbox(['info', path])).toMatchObject({ code: 2, stderr: expect.stringContaining('case.E03') });
    const { code, stderr } = deadbox(['info', '--incomplete', path]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/WARNING: .*case\.E03 is missing/);
    expect(deadbox(['export', '--incomplete', path, '-o', made('e.raw')]).code).toBe(2);
    expect(deadbox(['verify', '--incomplete', path]).code).toBe(1);
  });
});
