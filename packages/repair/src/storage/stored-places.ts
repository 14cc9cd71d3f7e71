/** Unit of the writes. */
const SECTOR = 512;

/** Where bytes are written, and the sector of a volume or of the disk whose content they are. */
export interface StoredPlace {
  readonly file: string;
  /** Byte offset in the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** One name a sector; all changes of a sector are written together. */
  readonly sector: string;
}

/**
 * Where the sectors of a plan are stored. Volumes may overlap one another and the disk's own structures, and a
 * container may keep two places of its disk in one: what is written for one sector would then be lost to another.
 */
export class StoredPlaces {
  readonly #sectors = new Map<string, string>();

  /** Whether another sector is stored at one of these places. */
  conflicts(places: readonly StoredPlace[]): boolean {
    return places.some((place) =>
      keysOf(place).some((key) => (this.#sectors.get(key) ?? place.sector) !== place.sector),
    );
  }

  add(places: readonly StoredPlace[]): void {
    for (const place of places) for (const key of keysOf(place)) this.#sectors.set(key, place.sector);
  }
}

function keysOf({ file, offset, length }: StoredPlace): string[] {
  const keys: string[] = [];
  for (let unit = Math.floor(offset / SECTOR); unit * SECTOR < offset + length; unit += 1) keys.push(`${unit}:${file}`);
  return keys;
}
