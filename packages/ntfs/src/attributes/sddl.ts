import { toHex } from '@deadbox/core';
import {
  type AccessControlEntry,
  type AccessControlList,
  SecurityControl,
  type SecurityDescriptor,
} from './security-descriptor.js';

/** Two-letter names of well-known SIDs (MS-DTYP 2.5.1.1). Those of a domain are named by their last number. */
const SID_NAMES: ReadonlyMap<string, string> = new Map([
  ['S-1-1-0', 'WD'],
  ['S-1-3-0', 'CO'],
  ['S-1-3-1', 'CG'],
  ['S-1-3-4', 'OW'],
  ['S-1-5-2', 'NU'],
  ['S-1-5-4', 'IU'],
  ['S-1-5-6', 'SU'],
  ['S-1-5-7', 'AN'],
  ['S-1-5-9', 'ED'],
  ['S-1-5-10', 'PS'],
  ['S-1-5-11', 'AU'],
  ['S-1-5-12', 'RC'],
  ['S-1-5-18', 'SY'],
  ['S-1-5-19', 'LS'],
  ['S-1-5-20', 'NS'],
  ['S-1-5-33', 'WR'],
  ['S-1-5-32-544', 'BA'],
  ['S-1-5-32-545', 'BU'],
  ['S-1-5-32-546', 'BG'],
  ['S-1-5-32-547', 'PU'],
  ['S-1-5-32-548', 'AO'],
  ['S-1-5-32-549', 'SO'],
  ['S-1-5-32-550', 'PO'],
  ['S-1-5-32-551', 'BO'],
  ['S-1-5-32-552', 'RE'],
  ['S-1-5-32-554', 'RU'],
  ['S-1-5-32-555', 'RD'],
  ['S-1-5-32-556', 'NO'],
  ['S-1-5-32-558', 'MU'],
  ['S-1-5-32-559', 'LU'],
  ['S-1-5-32-568', 'IS'],
  ['S-1-5-32-569', 'CY'],
  ['S-1-5-32-573', 'ER'],
  ['S-1-5-32-574', 'CD'],
  ['S-1-15-2-1', 'AC'],
  ['S-1-16-4096', 'LW'],
  ['S-1-16-8192', 'ME'],
  ['S-1-16-8448', 'MP'],
  ['S-1-16-12288', 'HI'],
  ['S-1-16-16384', 'SI'],
]);

/** Entry types (MS-DTYP 2.5.1.1). */
const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [0, 'A'],
  [1, 'D'],
  [2, 'AU'],
  [3, 'AL'],
  [5, 'OA'],
  [6, 'OD'],
  [7, 'OU'],
  [8, 'OL'],
  [9, 'XA'],
  [10, 'XD'],
  [11, 'ZA'],
  [13, 'XU'],
  [17, 'ML'],
  [18, 'RA'],
  [19, 'SP'],
  [20, 'TL'],
  [21, 'FL'],
]);

const FLAG_NAMES: readonly (readonly [number, string])[] = [
  [0x01, 'OI'],
  [0x02, 'CI'],
  [0x04, 'NP'],
  [0x08, 'IO'],
  [0x10, 'ID'],
  [0x40, 'SA'],
  [0x80, 'FA'],
];

/** Masks that have a name of their own. */
const MASK_NAMES: ReadonlyMap<number, string> = new Map([
  [0x001f_01ff, 'FA'],
  [0x0012_0089, 'FR'],
  [0x0012_0116, 'FW'],
  [0x0012_00a0, 'FX'],
  [0x000f_003f, 'KA'],
  [0x0002_0019, 'KR'],
  [0x0002_0006, 'KW'],
]);

/** Single rights, in the order in which Windows writes them. */
const RIGHT_NAMES: readonly (readonly [number, string])[] = [
  [0x0000_0001, 'CC'],
  [0x0000_0002, 'DC'],
  [0x0000_0004, 'LC'],
  [0x0000_0008, 'SW'],
  [0x0000_0010, 'RP'],
  [0x0000_0020, 'WP'],
  [0x0000_0040, 'DT'],
  [0x0000_0080, 'LO'],
  [0x0000_0100, 'CR'],
  [0x0001_0000, 'SD'],
  [0x0002_0000, 'RC'],
  [0x0004_0000, 'WD'],
  [0x0008_0000, 'WO'],
  [0x1000_0000, 'GA'],
  [0x2000_0000, 'GX'],
  [0x4000_0000, 'GW'],
  [0x8000_0000, 'GR'],
];

/** Rights of a mandatory label. */
const LABEL_RIGHTS: readonly (readonly [number, string])[] = [
  [0x1, 'NW'],
  [0x2, 'NR'],
  [0x4, 'NX'],
];
const LABEL = 17;

/**
 * The security descriptor definition language text (MS-DTYP 2.5.1) of a descriptor, e.g.
 * `O:BAG:SYD:PAI(A;OICI;FA;;;SY)`. Conditions and resource attributes stand as hexadecimal in angle brackets: their
 * text form needs the names of a domain.
 */
export function formatSddl(descriptor: SecurityDescriptor): string {
  const { control } = descriptor;
  let text = '';
  if (descriptor.owner !== undefined) text += `O:${sidName(descriptor.owner)}`;
  if (descriptor.group !== undefined) text += `G:${sidName(descriptor.group)}`;
  if (descriptor.dacl !== undefined) {
    const flags =
      ((control & SecurityControl.daclProtected) === 0 ? '' : 'P') +
      ((control & SecurityControl.daclAutoInheritRequired) === 0 ? '' : 'AR') +
      ((control & SecurityControl.daclAutoInherited) === 0 ? '' : 'AI');
    text += `D:${flags}${listText(descriptor.dacl)}`;
  }
  if (descriptor.sacl !== undefined) {
    const flags =
      ((control & SecurityControl.saclProtected) === 0 ? '' : 'P') +
      ((control & SecurityControl.saclAutoInheritRequired) === 0 ? '' : 'AR') +
      ((control & SecurityControl.saclAutoInherited) === 0 ? '' : 'AI');
    text += `S:${flags}${listText(descriptor.sacl)}`;
  }
  return text;
}

/** The two-letter name of a well-known SID, else the SID. */
export function sidName(sid: string): string {
  return SID_NAMES.get(sid) ?? sid;
}

function listText(list: AccessControlList | null): string {
  return list === null ? 'NO_ACCESS_CONTROL' : list.entries.map(entryText).join('');
}

function entryText(entry: AccessControlEntry): string {
  const type = TYPE_NAMES.get(entry.type) ?? `0x${entry.type.toString(16)}`;
  const flags = FLAG_NAMES.filter(([bit]) => (entry.flags & bit) !== 0)
    .map(([, name]) => name)
    .join('');
  const sid = entry.sid === undefined ? '' : sidName(entry.sid);
  const guids = `${entry.objectType?.toLowerCase() ?? ''};${entry.inheritedObjectType?.toLowerCase() ?? ''}`;
  const data = entry.data === undefined || entry.data.length === 0 ? '' : `;<${toHex(entry.data)}>`;
  return `(${type};${flags};${rightsText(entry)};${guids};${sid}${data})`;
}

/** A name for the whole mask, else letters when they cover it, else the number: as Windows chooses. */
function rightsText(entry: AccessControlEntry): string {
  const mask = entry.mask >>> 0;
  const named = entry.type === LABEL ? undefined : MASK_NAMES.get(mask);
  if (named !== undefined) return named;
  let rest = mask;
  let text = '';
  for (const [bit, name] of entry.type === LABEL ? LABEL_RIGHTS : RIGHT_NAMES) {
    if ((mask & bit) === 0) continue;
    text += name;
    rest = (rest & ~bit) >>> 0;
  }
  return rest === 0 ? text : `0x${mask.toString(16)}`;
}
