import { examples, goldenFolder, type CliCommand } from '../command.js';
import type { MergeOptions } from '../merge.js';
import { withBaseline, withFormats } from './formats.js';

export function addMerge(program: CliCommand): void {
  const command = program
    .command('merge')
    .argument('<paths...>', 'results.ndjson of each shard, their --report folders, or a folder with these')
    .description('Join what "verify --shard i/n" found on several machines to the results of one run.')
    .option('--report <folder>', 'folder for results.ndjson, index.html and images (default: nothing is kept)')
    .option('--json <file>', 'write the result lines to a file; - for stdout instead of the table');
  withBaseline(withFormats(command))
    .addOption(goldenFolder())
    .addHelpText(
      'after',
      examples([
        ['merge shard-1 shard-2 shard-3 shard-4 --report results', 'Join four shards.'],
        ['merge shards --json all.ndjson', 'Join all shards whose folders are in one.'],
        [
          'merge shards --junit junit.xml --markdown --annotations --max-skipped 5%',
          'On GitHub: tests, summary and annotations of all shards; of all cases at most 5 % may be skipped.',
        ],
      ]) +
        '\n\nExit status: as verify; 4 where a shard is missing or has not ended, 64 where they are not of one plan.',
    )
    .action(async (paths: string[], options: MergeOptions) => (await import('../merge.js')).runMerge(paths, options));
}
