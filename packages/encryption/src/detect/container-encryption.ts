import { type ByteSource, type Bytes, Cursor, hasAscii, type ReadOptions, type Siblings } from '@deadbox/core';
import { type EncryptionFinding, noEncryption } from '../finding/finding.js';
import { headEvidence, probeEvidence, probeVolume, type VolumeProbe } from '../finding/volume-probe.js';
import { isLuksMagic } from './luks.js';

/** Sources: QEMU `docs/interop/qcow2.rst` (crypt_method, header extension 0x0537BE77) and QCOW version 1; both made with qemu-img. */
const QCOW = {
  magic: 'QFI\xfb',
  version: 4,
  cryptV1: 36,
  cryptV2: 32,
  headerLengthV3: 100,
  headerV2: 72,
  extension: 0x0537_be77,
} as const;
const VMDK_DESCRIPTOR = { offset: 28, size: 36 } as const;
const LARGEST_TEXT = 1024 * 1024;

/** Options of {@link detectContainerEncryption}. */
export interface ContainerDetectOptions extends ReadOptions {
  /** Opens files beside the image: VirtualBox keeps the keys of an encrypted VDI only in the machine's `.vbox` file. */
  readonly siblings?: Siblings;
}

/**
 * Says whether an image file itself is encrypted by its container, so that the disk inside cannot be examined: QCOW, QCOW2, VMDK
 * (its descriptor stays readable), VDI (only the machine's settings tell).
 * @param file - the image file, not the disk in it
 * @returns `undefined` when there is no sign of it
 */
export async function detectContainerEncryption(
  file: ByteSource,
  options: ContainerDetectOptions = {},
): Promise<EncryptionFinding | undefined> {
  const probe = await probeVolume(file, options);
  return (await detectQcow(probe, options)) ?? (await detectVmdk(probe, options)) ?? (await detectVdi(probe, options));
}

function locked(product: string): EncryptionFinding {
  return { ...noEncryption(), verdict: 'encrypted-locked', product, state: 'locked', needs: ['hypervisor'] };
}

async function detectQcow(probe: VolumeProbe, options: ReadOptions): Promise<EncryptionFinding | undefined> {
  const { head } = probe;
  if (!hasAscii(head, 0, QCOW.magic) || head.length < 104) return undefined;
  const cursor = new Cursor(head, 'QCOW header');
  const version = cursor.u32Be(QCOW.version);
  const field = version === 1 ? QCOW.cryptV1 : QCOW.cryptV2;
  const method = cursor.u32Be(field);
  if (method === 0 || version > 3) return undefined;
  const evidence = [await headEvidence(probe, 'QCOW encryption method', field, 4, options)];
  if (method === 1)
    return {
      ...locked(version === 1 ? 'QCOW AES encryption' : 'QCOW2 AES encryption'),
      method: 'AES-CBC-128',
      evidence,
    };
  const name = method === 2 ? 'QCOW2 LUKS encryption' : `QCOW2 encryption (method ${method})`;
  const at = version === 1 ? undefined : luksOffset(cursor, version);
  if (at !== undefined && at + 592 <= probe.source.size) {
    const header = await probe.source.read(at, 592, options);
    if (isLuksMagic(header))
      evidence.push(await probeEvidence(probe, 'LUKS header of the image', at, header.subarray(0, 48), options));
  }
  return { ...locked(name), evidence, confidence: method === 2 ? 'verified' : 'heuristic' };
}

/** The offset in the full-disk-encryption header extension. */
function luksOffset(cursor: Cursor, version: number): number | undefined {
  let at = version === 3 ? cursor.u32Be(QCOW.headerLengthV3) : QCOW.headerV2;
  while (at + 24 <= cursor.length) {
    const type = cursor.u32Be(at);
    const length = cursor.u32Be(at + 4);
    if (type === 0) return undefined;
    if (type === QCOW.extension && length >= 16) {
      const offset = cursor.u64NumberBe(at + 8);
      return Number.isSafeInteger(offset) ? offset : undefined;
    }
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return undefined;
}

/** VMware writes the key's id into the descriptor. One source for the exact words; the fact itself is documented by VMware. */
async function detectVmdk(probe: VolumeProbe, options: ReadOptions): Promise<EncryptionFinding | undefined> {
  const { head, source } = probe;
  const plain = hasAscii(head, 0, '# Disk DescriptorFile');
  if (!plain && !hasAscii(head, 0, 'KDMV')) return undefined;
  let from = 0;
  let length = Math.min(source.size, LARGEST_TEXT);
  if (!plain) {
    const cursor = new Cursor(head, 'VMDK header');
    from = cursor.u64Number(VMDK_DESCRIPTOR.offset) * 512;
    length = Math.min(cursor.u64Number(VMDK_DESCRIPTOR.size) * 512, LARGEST_TEXT, source.size - from);
    if (from === 0 || !(length > 0)) return undefined;
  }
  const bytes =
    from === 0 && length <= head.length ? head.subarray(0, length) : await source.read(from, length, options);
  for (const sign of ['encryptionKeys', 'vmwarevmcrypt']) {
    const at = indexOfText(bytes, sign);
    if (at < 0) continue;
    const evidence = [
      await probeEvidence(
        probe,
        'encryption entry of the VMDK descriptor',
        from + at,
        bytes.subarray(at, at + sign.length),
        options,
      ),
    ];
    return { ...locked('VMware VM encryption'), confidence: 'single-source', evidence };
  }
  return undefined;
}

async function detectVdi(probe: VolumeProbe, options: ContainerDetectOptions): Promise<EncryptionFinding | undefined> {
  if (probe.head.length < 72 || new Cursor(probe.head).u32(64) !== 0xbeda_107f || options.siblings?.list === undefined)
    return undefined;
  const machines = (await options.siblings.list(options)).filter((name) => /\.vbox$/i.test(name)).slice(0, 16);
  for (const name of machines) {
    const machine = await options.siblings.open(name, options);
    if (machine === undefined) continue;
    try {
      const text = await machine.read(0, Math.min(machine.size, LARGEST_TEXT), options);
      if (indexOfText(text, 'CRYPT/KeyStore') < 0) continue;
      return { ...locked('VirtualBox disk encryption'), confidence: 'single-source', details: { machine: name } };
    } finally {
      await machine.close?.();
    }
  }
  return undefined;
}

function indexOfText(bytes: Bytes, text: string): number {
  for (let i = bytes.indexOf(text.charCodeAt(0)); i >= 0; i = bytes.indexOf(text.charCodeAt(0), i + 1))
    if (hasAscii(bytes, i, text)) return i;
  return -1;
}
