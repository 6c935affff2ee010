import { Command, Option, type HelpContext } from 'commander';
import { TouchstoneError, unknownName } from '@touchstone/contract';
import { findGolden } from '@touchstone/system';

/** An option that makes a command do something else. */
interface Mode {
  readonly option: string;
  /** The other options that have an effect with it. */
  readonly effective: readonly string[];
}

/** An option that has an effect only with another. */
interface Need {
  readonly option: string;
  readonly other: string;
  readonly why: string | undefined;
}

/** A command whose usage errors are reported like every other error: a code, a sentence and a hint. */
export class CliCommand extends Command {
  readonly #modes: Mode[] = [];
  readonly #needs: Need[] = [];

  override createCommand(name?: string): CliCommand {
    return new CliCommand(name).helpOption('-h, --help', 'show this help') as CliCommand;
  }

  /** `help NAME` of a command that does not exist is an error too. */
  override help(context?: HelpContext | ((text: string) => string)): never {
    const [first, asked] = this.args;
    const isError = typeof context === 'object' && context.error;
    if (!isError || first !== 'help' || asked === undefined) return super.help(context as HelpContext);
    const names = this.commands.map((command) => command.name());
    throw unknownName('command', asked, names);
  }

  /** With `option` only the `effective` options have an effect: `checkOptions` refuses others, and arguments. */
  mode(option: string, effective: readonly string[]): this {
    this.#modes.push({ option, effective });
    return this;
  }

  /** `checkOptions` refuses `option` without `other`. @param why what the option does */
  needs(option: string, other: string, why?: string): this {
    this.#needs.push({ option, other, why });
    return this;
  }

  /** Nothing that was given is ignored: an option without a value or without an effect is an error. */
  checkOptions(): void {
    this.#refuseEmpty();
    const given = this.options.filter((option) => this.getOptionValueSource(option.attributeName()) === 'cli');
    const flags = given.map(({ long, flags: all }) => long ?? all);
    for (const { option, effective } of this.#modes) {
      if (!flags.includes(option)) continue;
      const idle = flags.find((flag) => flag !== option && !effective.includes(flag)) ?? this.#givenArguments()[0];
      if (idle !== undefined)
        throw new TouchstoneError('usage', `${idle} has no effect with ${option}`, `Omit ${idle} or ${option}.`);
    }
    for (const { option, other, why } of this.#needs) {
      if (!flags.includes(option) || flags.includes(other)) continue;
      const needs = why === undefined ? 'needs' : `${why}, so it needs`;
      throw new TouchstoneError('usage', `${option} ${needs} ${other}`, `Add ${other}, or omit ${option}.`);
    }
  }

  /** Those that the command can do without. */
  #givenArguments(): string[] {
    return this.args.slice(this.registeredArguments.filter(({ required }) => required).length);
  }

  /** An empty value is mostly a shell variable that is not set: no option or argument has a meaning for it. */
  #refuseEmpty(): void {
    const empty = this.args.indexOf('');
    if (empty >= 0) {
      const name = this.registeredArguments[empty]?.name() ?? 'argument';
      throw new TouchstoneError('usage', `the ${name} is empty`, `Give the ${name} a value, or omit it.`);
    }
    for (const option of this.options) {
      if (![this.getOptionValue(option.attributeName())].flat().includes('')) continue;
      const name = option.long ?? option.flags;
      throw new TouchstoneError('usage', `${name} is empty`, `Give ${name} a value, or omit it.`);
    }
  }

  /** @param message as commander writes it: `error: unknown option '--bakend'\n(Did you mean --backend?)` */
  override error(message: string): never {
    const [first = '', suggestion = ''] = message.replace(/^error: /, '').split('\n');
    const [sentence = '', ...advice] = first
      .replace(/\.$/, '')
      .replaceAll(/'([^']*)'/g, '"$1"')
      .split('. ');
    throw new TouchstoneError(
      'usage',
      sentence,
      [
        ...advice.map((text) => `${text}.`),
        suggestion.replace(/^\((.*)\)$/, '$1'),
        `Run "${fullName(this)} --help" to see what it accepts.`,
      ]
        .filter((text) => text !== '')
        .join(' '),
    );
  }
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}

/** The end of a command's help: command lines, and what each does. */
export function examples(lines: readonly (readonly [line: string, does: string])[]): string {
  return ['', 'Examples:', ...lines.flatMap(([line, does]) => [`  touchstone ${line}`, `      ${does}`])].join('\n');
}

export function goldenFolder(): Option {
  return new Option('--golden <folder>', 'folder with the goldens').default(
    findGolden(),
    'golden/ of the clone, else of touchstone-golden',
  );
}

export function asJson(what = 'print the result as JSON instead of a table'): Option {
  return new Option('--json', what);
}
