import type { FileEntry, FileOptions, Tree } from '../ntfs-writer/tree.js';
import type { ChannelFile } from './crashed-disk.js';

/** What {@link fillWindows} puts into a volume. */
export interface WindowsTreeOptions {
  files: number;
  crowdStrikeEntries: number;
  channelFiles: readonly ChannelFile[];
  hardLinks: boolean;
  extra: Readonly<Record<string, FileOptions>>;
}

/** mulberry32: the same numbers in every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value = (value + Math.imul(value ^ (value >>> 7), value | 61)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PREFIXES = ['amd64', 'x86', 'wow64', 'msil'];
const COMPONENTS = [
  'shell',
  'kernel',
  'net',
  'print',
  'media',
  'hyperv',
  'iis',
  'onecore',
  'security-spp',
  'servicing',
];
const STEMS = ['api-ms-win', 'shell32', 'ntdll', 'résumé', '設定', 'wbem', 'msvcp', 'crypt'];
const EXTENSIONS = ['dll', 'exe', 'mui', 'manifest', 'sys', 'dat', 'xml'];

/** Puts a Windows-like tree into a volume: about a third of the files are small enough for their records. */
export function fillWindows(tree: Tree, options: WindowsTreeOptions): void {
  const random = generator(291);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = (list: readonly string[]): string => list[below(list.length)];
  const hex = (digits: number): string =>
    Array.from({ length: Math.ceil(digits / 4) }, () => below(65_536).toString(16).padStart(4, '0'))
      .join('')
      .slice(0, digits);
  const someSize = (): number => (random() < 0.33 ? below(600) : 1200 + below(18_800));
  let made = 0;
  const add = (folder: FileEntry, name: string, file: FileOptions = {}): FileEntry => {
    made += 1;
    return tree.addFile(folder, name, { size: someSize(), ...file });
  };

  for (const name of [
    '$Recycle.Bin',
    'Program Files',
    'Program Files (x86)',
    'ProgramData',
    'Recovery',
    'System Volume Information',
    'Users',
    'Windows',
  ]) {
    tree.addFolder(tree.root, name);
  }
  add(tree.root, 'pagefile.sys', { size: 64 << 20, attributes: 0x26 });
  add(tree.root, 'swapfile.sys', { size: 16 << 20, attributes: 0x26 });
  const system32 = tree.folder('Windows/System32');
  const drivers = tree.folder('Windows/System32/drivers');
  const crowdStrike = tree.folder('Windows/System32/drivers/CrowdStrike');
  // A folder that grew entry by entry has its index in pieces.
  crowdStrike.pieces = Math.max(1, Math.min(30, Math.floor(options.crowdStrikeEntries / 500)));
  const config = tree.folder('Windows/System32/config');
  const shared: FileEntry[] = [];
  add(system32, 'ntoskrnl.exe', { size: 9_000_000 });
  add(system32, 'winload.efi', { size: 1_800_000 });
  add(system32, 'winload.exe', { size: 1_700_000 });
  for (const name of ['SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT'])
    if (options.extra[`/Windows/System32/config/${name}`] === undefined) add(config, name, { size: 262_144 });
  for (const [path, file] of Object.entries(options.extra)) {
    const cut = path.lastIndexOf('/');
    add(tree.folder(path.slice(0, cut)), path.slice(cut + 1), file);
  }
  const share = (part: number, most: number): number => Math.min(most, Math.floor(options.files * part));
  for (let i = 0, count = share(0.3, 3500); i < count; i += 1) shared.push(add(system32, `win${hex(10)}.dll`));
  for (let i = 0, count = share(0.05, 450); i < count; i += 1) shared.push(add(drivers, `drv${hex(8)}.sys`));
  for (let channel = 0, count = 0; count < options.crowdStrikeEntries; channel += 1) {
    if (channel === 291) continue;
    count += 1;
    const modified = `2024-07-${String(1 + below(17)).padStart(2, '0')}T${String(below(24)).padStart(2, '0')}:${String(below(60)).padStart(2, '0')}:00Z`;
    const number = String(channel).padStart(8, '0');
    add(crowdStrike, `C-${number}-00000000-${String(1 + below(89)).padStart(8, '0')}.sys`, {
      size: 800 + below(39_200),
      modified,
    });
  }
  for (let user = 0; user < 20; user += 1) {
    const folder = tree.folder(
      `Users/user${String(user).padStart(2, '0')}/AppData/Local/Microsoft/Windows/INetCache/IE`,
    );
    for (let i = 0, count = Math.floor(options.files / 200); i < count && made < options.files; i += 1)
      add(folder, `${hex(12).toUpperCase()}[1].htm`);
  }
  const sxs = tree.folder('Windows/WinSxS');
  while (made < options.files - options.channelFiles.length) {
    const name = `${pick(PREFIXES)}_microsoft-windows-${pick(COMPONENTS)}-${hex(7)}_31bf3856ad364e35_10.0.17763.${below(9999)}_none_${hex(16)}`;
    const folder = tree.addFolder(sxs, name);
    for (let i = 0, count = 1 + below(39); i < count && made < options.files - options.channelFiles.length; i += 1) {
      add(folder, `${pick(STEMS)}-${String(i).padStart(3, '0')}-${hex(5)}.${pick(EXTENSIONS)}`);
    }
    const file = options.hardLinks ? shared.pop() : undefined;
    if (file !== undefined) tree.link(file, folder, file.names[0].name);
  }
  // The channel files came last: their records are far away from the rest of the folder.
  for (const { name, ...file } of options.channelFiles) add(crowdStrike, name, file);
}
