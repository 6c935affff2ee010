/** The results of attacks as the rows of docs/attacks.md. */

/** One row for each group and kind of attack; `where` lists the places in which it was tried. */
export function rowsOf(results) {
  const rows = new Map();
  for (const { attack, wrong } of results) {
    const { group, what, where, skip } = attack;
    const key = `${group}\0${what}`;
    const row = rows.get(key) ?? {
      group,
      what,
      where: new Set(),
      tried: 0,
      held: 0,
      skipped: 0,
      why: new Set(),
      wrong: [],
    };
    rows.set(key, row);
    row.where.add(where);
    if (skip) {
      row.skipped++;
      row.why.add(skip);
    } else row.tried++;
    if (!skip && wrong.length === 0) row.held++;
    row.wrong.push(...wrong.map((text) => `${where}: ${text}`));
  }
  return [...rows.values()]
    .map((row) => ({ ...row, where: [...row.where].sort(), why: [...row.why] }))
    .sort((a, b) => order(a) - order(b) || (a.group < b.group ? -1 : a.group > b.group ? 1 : a.what < b.what ? -1 : 1));
}

const groups = ['files', 'content', 'options', 'ports', 'signals', 'machine'];
function order({ group }) {
  return groups.indexOf(group);
}

const about = `# Attacks

What \`npm run attack\` tries, and what held when it was last run with \`--write\`. Each attack is one command under
hostile conditions. It holds if all of this does:

- the exit status is one that the table of the attack allows: 64 for what the user gave, 5 for damaged goldens,
  4 for the machine and for ports, 1 for a wrong answer, 130, 143 or 129 after a signal;
- the command ends within two minutes;
- it prints no stack trace, and not the code \`internal\`; an error has a hint;
- no process is left, and no file in the temporary folder, 10 s after its end;
- no file that was there before is changed or gone, unless the command is there to write it.

\`npm run attack -- --only ports\` runs some of them, \`--json\` prints the results as JSON. The tables of attacks
are in \`tools/attack\`. What is tried needs Linux in part, and root for full disks; it is skipped elsewhere.
`;

/** docs/attacks.md */
export function page(rows) {
  const sections = groups.map((group) => {
    const mine = rows.filter((row) => row.group === group);
    const many = new Set(mine.flatMap(({ where }) => (where.length > 3 ? where : [])));
    const all =
      many.size === 0
        ? ''
        : `\nThe places:\n${[...many]
            .sort()
            .map((where) => `- ${cell(where)}`)
            .join('\n')}\n`;
    const lines = mine.map(({ what, where, tried, held, skipped, why }) => {
      const places = where.length > 3 ? `${where.length} places` : where.join(', ');
      const skips = skipped > 0 ? `${skipped} skipped: ${why.join('; ')}` : '';
      const result = [tried > 0 ? `${held} of ${tried}` : '', skips].filter((text) => text !== '').join(', ');
      return `| ${cell(what)} | ${cell(places)} | ${result} |`;
    });
    return `\n## ${titles[group]}\n${all}\n| what | where | held |\n|---|---|---|\n${lines.join('\n')}\n`;
  });
  return `${about}${sections.join('')}`;
}

const titles = {
  files: 'Files that are no files of the kind',
  content: 'Files with hostile content',
  options: 'Options',
  ports: 'Ports',
  signals: 'Signals',
  machine: 'Pipes, disks and limits',
};

function cell(text) {
  return text.replaceAll('|', '\\|').slice(0, 100);
}
