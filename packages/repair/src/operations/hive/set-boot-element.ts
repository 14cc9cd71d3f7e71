import { type Bytes, type ReadOptions, survive, utf16Text } from '@deadbox/core';
import type { Disk } from '@deadbox/disk';
import type { RepairRequest } from '@deadbox/triage';
import { type Hive, RegistryType } from '@deadbox/windows';
import { RefusedRepair, type RepairOperation } from '../../plan/repair-plan.js';
import { type HiveReadOptions, hiveEdits, openRepairableHive } from './hive-place.js';

type ElementRequest = Extract<RepairRequest, { readonly operation: 'set-boot-element' }>;

/**
 * Elements that hold text, by what the new text must be (bcdedit's names: `default` and `resumeobject`, `path`,
 * `systemroot`).
 */
const OBJECT = '23000003';
const PATH = '12000002';
const SYSTEM_ROOT = '22000002';
/** Switches that may be turned off: `recoveryenabled`, `bootdebug`, `debug`, `attemptresume`, `winpe`. */
const SWITCHES: ReadonlySet<string> = new Set(['16000009', '16000010', '260000a0', '26000005', '26000022']);

/**
 * Sets an element of a boot store where its data stands, at equal size: another object, a path that differs in its
 * ending, another folder, or a switch off.
 * @throws RefusedRepair `element-missing`, `element-not-settable`, `target-missing`, `value-not-in-place`,
 * `nothing-to-repair`, those of the hive
 */
export async function setBootElement(
  disk: Disk,
  request: ElementRequest,
  options: HiveReadOptions,
): Promise<RepairOperation> {
  const element = request.element.toLowerCase().replace(/^0x/, '');
  const object = request.object.replace(/[{}]/g, '').toLowerCase();
  const { volume, to } = request;
  const target = await openRepairableHive(disk, volume, request.path, options);
  const key = await target.hive.key(`Objects\\{${object}}\\Elements\\${element}`);
  const value = await key?.value('Element');
  const before = await value?.bytes();
  if (value === undefined || before === undefined) throw new RefusedRepair('element-missing', { object, element });
  const isText = value.type === RegistryType.sz;
  const from = isText ? textOf(before) : before[0] !== 0;
  if (isText !== (typeof to === 'string')) throw new RefusedRepair('element-not-settable', { element, to });
  if (from === to) throw new RefusedRepair('nothing-to-repair', { element });
  await checkElement(disk, target.hive, element, from, to, options);
  const after = typeof to === 'string' ? textBytes(to, before) : Uint8Array.of(0);
  if (after === undefined || after.length !== value.size || before.length !== value.size)
    throw new RefusedRepair('value-not-in-place', { element, size: value.size });
  return {
    id: 'set-boot-element',
    volume,
    edits: await hiveEdits(target, value.dataFileOffset, after, 'boot-element', options),
    data: { store: target.path, object, element, from, to },
  };
}

async function checkElement(
  disk: Disk,
  hive: Hive,
  element: string,
  from: string | boolean,
  to: string | false,
  options: ReadOptions,
): Promise<void> {
  const refused = new RefusedRepair('element-not-settable', { element, to });
  if (to === false) {
    if (!SWITCHES.has(element)) throw refused;
  } else if (element === OBJECT) {
    if (!/^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/i.test(to)) throw refused;
    // An entry that could not start would be no better than the present one.
    if ((await hive.key(`Objects\\${to}\\Elements\\${PATH}`)) === undefined)
      throw new RefusedRepair('target-missing', { target: to });
  } else if (element === PATH) {
    const stem = (path: string): string => path.replace(/\.(exe|efi)$/i, '').toLowerCase();
    if (stem(to) !== stem(String(from)) || !/\.(exe|efi)$/i.test(to)) throw refused;
  } else if (element === SYSTEM_ROOT) {
    if (!(await hasFolder(disk, to, options))) throw new RefusedRepair('target-missing', { target: to });
  } else throw refused;
}

/** Whether a volume of the disk has a Windows folder of this name. */
async function hasFolder(disk: Disk, root: string, options: ReadOptions): Promise<boolean> {
  for (const volume of disk.volumes) {
    if (volume.fileSystem !== 'ntfs' || volume.locked) continue;
    const found = await survive(
      async () => (await volume.fileTree(options)).lookup(`${root}\\System32`, options),
      () => undefined,
      options,
    );
    if (found?.type === 'directory') return true;
  }
  return false;
}

function textOf(bytes: Bytes): string {
  return utf16Text(bytes).replace(/\0+$/, '');
}

/** UTF-16 text in place of the present text, with the zeros that end it; `undefined` where it is not as long. */
function textBytes(text: string, before: Bytes): Bytes | undefined {
  if (text.length !== textOf(before).length) return undefined;
  const after = before.slice();
  const view = new DataView(after.buffer);
  for (let unit = 0; unit < text.length; unit += 1) view.setUint16(2 * unit, text.charCodeAt(unit), true);
  return after;
}
