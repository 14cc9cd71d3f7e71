// Is the faulty driver file on this disk? node dist/triage.js server-07.vhdx
import { scanDisk } from 'deadbox';
import { openPath } from 'deadbox/node';

const disk = await openPath(process.argv[2] ?? 'disk.img');
const { verdict, severity, installations } = await scanDisk(disk);
await disk.close();

console.log(`${verdict} (${severity})`);
for (const file of installations.flatMap((installation) => installation.files))
  console.log(`${file.path}  ${file.modified}  ${file.class}`);
