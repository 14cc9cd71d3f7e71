// A worker of a queue whose judging is a stand-in: it takes a moment, and one image ends the process.
import { workOn } from '../../packages/fleet/dist/fleet.node.js';

const [url, site, fingerprint, pause] = process.argv.slice(2);
const interrupted = new AbortController();
process.once('SIGTERM', () => interrupted.abort());
await workOn({
  url,
  sites: [site],
  jobs: 2,
  fingerprint,
  lease: 1000,
  drain: true,
  signal: interrupted.signal,
  judge: async ({ key, path, index }) => {
    if (path.includes('poison')) process.kill(process.pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, Number(pause)));
    const image = { path, error: { code: 'STAND_IN', message: '' }, obstacles: [] };
    const line = `${JSON.stringify({ type: 'image', key, index, size: null, mtime: null, files: [], image })}\n`;
    return { line: new TextEncoder().encode(line), failedInside: false };
  },
  onServer: (state) => process.stdout.write(`${state}\n`),
});
