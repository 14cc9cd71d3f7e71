import { answersVersion } from './output/answer-version.node.js';

// Nothing is left to be done then: the system takes the memory back at once, Node would take its heap apart first.
process.once('beforeExit', () => process.exit());
if (!answersVersion(process.argv.slice(2))) {
  // Until it is done: what Node itself gives where an await never ends. Nothing but its own code may pass for success.
  process.exitCode = 13;
  void import('./start.node.js').then(({ start }) => start());
}
