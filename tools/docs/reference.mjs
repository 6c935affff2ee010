/** `node tools/docs/reference.mjs`: writes docs/reference.md, what each command says of itself. Needs a build. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildProgram } from '../../packages/cli/dist/program.js';

const columns = 100;

export function page() {
  const program = buildProgram();
  const commands = program.commands.flatMap(withParts);
  return `<!-- Written by tools/docs/reference.mjs. -->

# Reference

Every command and its options, as \`touchstone COMMAND --help\` prints them. What \`--json\` prints has a schema in
[schemas](schemas), files are described in [formats](formats.md), and from JavaScript the same is called through
[the API](api.md).

| exit status | means |
|---|---|
| 0 | fine |
| 1 | not conformant |
| 3 | slower |
| 4 | something broke, or nothing was judged |
| 5 | goldens damaged |
| 64 | wrong usage |
| 130 | interrupted |

${[program, ...commands].map(section).join('\n')}`;
}

/** The command, or its parts where it has some. */
function withParts(command) {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(withParts);
}

function section(command) {
  return `## ${nameOf(command)}\n\n\`\`\`\n${helpOf(command)}\n\`\`\`\n`;
}

function nameOf(command) {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function helpOf(command) {
  let text = '';
  command.configureOutput({ writeOut: (more) => (text += more), getOutHelpWidth: () => columns });
  command.outputHelp();
  return text.trim();
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../../docs/reference.md', import.meta.url), page());
