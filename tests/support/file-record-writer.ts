const STRIDE = 512;

/** An extension record in use, sequence 1, without attributes. */
export function emptyRecord(size: number, number: number, base: { record: number; sequence: number }): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = viewOf(bytes);
  const words = 1 + size / STRIDE;
  const first = (0x30 + words * 2 + 7) & ~7;
  bytes.set([0x46, 0x49, 0x4c, 0x45]);
  view.setUint16(4, 0x30, true);
  view.setUint16(6, words, true);
  view.setUint16(0x10, 1, true);
  view.setUint16(0x14, first, true);
  view.setUint16(0x16, 1, true);
  view.setUint32(0x18, first + 8, true);
  view.setUint32(0x1c, size, true);
  view.setUint32(0x20, base.record, true);
  view.setUint16(0x26, base.sequence, true);
  view.setUint16(0x28, 1, true);
  view.setUint32(0x2c, number, true);
  view.setUint16(0x30, 1, true);
  view.setUint32(first, 0xffff_ffff, true);
  return bytes;
}

/** Appends an attribute behind the others. */
export function appendAttribute(record: Uint8Array, part: Uint8Array): void {
  const view = viewOf(record);
  const at = view.getUint32(0x18, true) - 8;
  if (at + part.length + 8 > record.length) throw new Error('the record is full');
  record.set(part, at);
  view.setUint32(at + part.length, 0xffff_ffff, true);
  view.setUint32(0x18, at + part.length + 8, true);
}

/** Little-endian access. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Puts the true ends of the strides back. */
export function unseal(record: Uint8Array): Uint8Array {
  const view = viewOf(record);
  const array = view.getUint16(4, true);
  for (let i = 1; i <= record.length / STRIDE; i += 1)
    record.copyWithin(i * STRIDE - 2, array + i * 2, array + i * 2 + 2);
  return record;
}

/** Stamps the ends of the strides with the update sequence number. */
export function seal(record: Uint8Array): Uint8Array {
  const view = viewOf(record);
  const array = view.getUint16(4, true);
  const next = (view.getUint16(array, true) % 0xfffe) + 1;
  view.setUint16(array, next, true);
  for (let i = 1; i <= record.length / STRIDE; i += 1) {
    record.copyWithin(array + i * 2, i * STRIDE - 2, i * STRIDE);
    view.setUint16(i * STRIDE - 2, next, true);
  }
  return record;
}

/** Offset of the unnamed attribute of `type`. */
export function attribute(record: Uint8Array, type: number): number {
  const view = viewOf(record);
  for (
    let at = view.getUint16(0x14, true);
    view.getUint32(at, true) !== 0xffff_ffff;
    at += view.getUint32(at + 4, true)
  ) {
    if (view.getUint32(at, true) === type && record[at + 9] === 0) return at;
  }
  throw new Error(`no attribute 0x${type.toString(16)}`);
}

/** One entry of an attribute list. */
export interface ListEntry {
  type: number;
  /** Code units of the attribute's name, as bytes. */
  name: Uint8Array;
  vcn: number;
  record: number;
  sequence: number;
  id: number;
}

/** The value of an `$ATTRIBUTE_LIST`. */
export function listValue(entries: readonly ListEntry[]): Uint8Array {
  const parts = entries.map((entry) => {
    const bytes = new Uint8Array((0x1a + entry.name.length + 7) & ~7);
    const view = viewOf(bytes);
    view.setUint32(0, entry.type, true);
    view.setUint16(4, bytes.length, true);
    bytes[6] = entry.name.length / 2;
    bytes[7] = 0x1a;
    view.setBigUint64(8, BigInt(entry.vcn), true);
    view.setUint32(0x10, entry.record, true);
    view.setUint16(0x16, entry.sequence, true);
    view.setUint16(0x18, entry.id, true);
    bytes.set(entry.name, 0x1a);
    return bytes;
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A resident attribute without name. */
export function residentAttribute(type: number, id: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array((24 + value.length + 7) & ~7);
  const view = viewOf(bytes);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  view.setUint16(0x0e, id, true);
  view.setUint32(0x10, value.length, true);
  view.setUint16(0x14, 24, true);
  bytes.set(value, 24);
  return bytes;
}

/** The attributes of a record (after unseal), each as bytes. */
export function attributesOf(record: Uint8Array): Uint8Array[] {
  const view = viewOf(record);
  const parts: Uint8Array[] = [];
  for (
    let at = view.getUint16(0x14, true);
    view.getUint32(at, true) !== 0xffff_ffff;
    at += view.getUint32(at + 4, true)
  ) {
    parts.push(record.slice(at, at + view.getUint32(at + 4, true)));
  }
  return parts;
}

/** A list entry for an attribute that stands in `record`. */
export function entryFor(part: Uint8Array, record: number, sequence: number): ListEntry {
  const view = viewOf(part);
  const nameAt = view.getUint16(0x0a, true);
  return {
    type: view.getUint32(0, true),
    name: part.slice(nameAt, nameAt + part[9] * 2),
    vcn: part[8] === 0 ? 0 : Number(view.getBigUint64(0x10, true)),
    record,
    sequence,
    id: view.getUint16(0x0e, true),
  };
}

/**
 * Moves the attributes that `pick` names out of a base record into an extension record, and gives the base record an
 * attribute list.
 * @param at - byte offsets of the base record and of the (free) extension record
 * @param change - a last change of the list's entries, for damage
 */
export function moveToExtension(
  bytes: Uint8Array,
  at: { base: number; extension: number; size: number },
  numbers: { base: number; extension: number },
  pick: (type: number, part: Uint8Array) => boolean,
  change: (entries: ListEntry[]) => ListEntry[] = (entries) => entries,
): void {
  const base = unseal(bytes.slice(at.base, at.base + at.size));
  const sequence = viewOf(base).getUint16(0x10, true);
  const parts = attributesOf(base);
  const moved = parts.filter((part) => pick(viewOf(part).getUint32(0, true), part));
  const kept = parts.filter((part) => !moved.includes(part));
  const extension = emptyRecord(at.size, numbers.extension, { record: numbers.base, sequence });
  for (const part of moved) appendAttribute(extension, part);
  const entries = parts.map((part) =>
    entryFor(part, moved.includes(part) ? numbers.extension : numbers.base, moved.includes(part) ? 1 : sequence),
  );
  const view = viewOf(base);
  const first = view.getUint16(0x14, true);
  base.fill(0, first);
  view.setUint32(first, 0xffff_ffff, true);
  view.setUint32(0x18, first + 8, true);
  const list = residentAttribute(0x20, 0x77, listValue(change(entries)));
  for (const part of [...kept, list].sort(
    (left, right) => viewOf(left).getUint32(0, true) - viewOf(right).getUint32(0, true),
  ))
    appendAttribute(base, part);
  bytes.set(seal(base), at.base);
  bytes.set(seal(extension), at.extension);
}

/** Writes other attributes into a record. */
export function replaceAttributes(bytes: Uint8Array, at: number, size: number, parts: readonly Uint8Array[]): void {
  const record = unseal(bytes.slice(at, at + size));
  const view = viewOf(record);
  const first = view.getUint16(0x14, true);
  record.fill(0, first);
  view.setUint32(first, 0xffff_ffff, true);
  view.setUint32(0x18, first + 8, true);
  for (const part of parts.toSorted(
    (left, right) => viewOf(left).getUint32(0, true) - viewOf(right).getUint32(0, true),
  ))
    appendAttribute(record, part);
  bytes.set(seal(record), at);
}

/** A resident attribute with a name. */
export function namedAttribute(type: number, id: number, name: string, value: Uint8Array): Uint8Array {
  const nameBytes = new Uint8Array(name.length * 2);
  for (let i = 0; i < name.length; i += 1) viewOf(nameBytes).setUint16(i * 2, name.charCodeAt(i), true);
  const valueAt = (24 + nameBytes.length + 7) & ~7;
  const bytes = new Uint8Array((valueAt + value.length + 7) & ~7);
  const view = viewOf(bytes);
  view.setUint32(0, type, true);
  view.setUint32(4, bytes.length, true);
  bytes[9] = name.length;
  view.setUint16(0x0a, 24, true);
  view.setUint16(0x0e, id, true);
  view.setUint32(0x10, value.length, true);
  view.setUint16(0x14, valueAt, true);
  bytes.set(nameBytes, 24);
  bytes.set(value, valueAt);
  return bytes;
}
