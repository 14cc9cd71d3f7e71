/**
 * `name` folded as Windows compares FAT names: each UTF-16 unit to upper case by itself, so that no name changes its
 * length (full case mapping would make `ß` equal to `SS`).
 */
export function foldName(name: string): string {
  let folded = '';
  for (let i = 0; i < name.length; i += 1) {
    const unit = name.charAt(i);
    const upper = unit.toUpperCase();
    folded += upper.length === 1 ? upper : unit;
  }
  return folded;
}
