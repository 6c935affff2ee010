/** The figures that `attribute` draws for people: with legends, over the whole photograph, or of several methods. */
import {
  logitClasses,
  plainText,
  TouchstoneError,
  type HostTensor,
  type NetworkDescription,
  type Target,
} from '@touchstone/contract';
import {
  drawFigure,
  isMap,
  type Bar,
  type ColourMapName,
  type Explanation,
  type Figure,
  type FigureStyle,
  type Heading,
} from '@touchstone/images';
import { nameModules, type Method } from '@touchstone/methods';
import type { Answered } from '@touchstone/session';
import { scoreOf } from './classes.js';
import type { ModelInput } from './model-input.js';
import { isImage } from './outputs.js';
import { targetText } from './target-text.js';

export interface FigureOptions {
  /** The map lies over the whole photograph, at its own size. */
  readonly overlay?: boolean;
  /** With title, colour bar and notes; default true. */
  readonly legend?: boolean;
  /** Default viridis, and RdBu_r for values of both signs. */
  readonly colourMap?: ColourMapName;
  /** Of the values, above which colours are the same; default 99 for gradients, and 100 for other maps. */
  readonly percentile?: number;
}

/**
 * How figures are drawn; undefined: no option asks for one.
 * @throws TouchstoneError `usage` for an option that has no effect
 */
export function figureStyle(
  methods: readonly Method[],
  files: readonly string[],
  { overlay = false, legend, colourMap, percentile }: FigureOptions,
): FigureStyle | undefined {
  const given = Object.entries({ '--overlay': overlay, '--colour-map': colourMap, '--percentile': percentile })
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([option]) => option);
  const ofMaps = given[0];
  const option = ofMaps ?? (legend === undefined ? undefined : legend ? '--legend' : '--no-legend');
  const isSeveral = methods.length > 1;
  if (option === undefined && !isSeveral) return undefined;
  const undrawn = methods.find(({ image }) => image === null);
  if (undrawn)
    throw new TouchstoneError(
      'usage',
      `${undrawn.id}: its answer is no image, so ${isSeveral ? 'a sheet cannot show it' : `${option!} has no effect`}`,
      isSeveral ? `Omit ${undrawn.id}.` : `Omit ${option!}, and write the numbers with --out FILE.safetensors.`,
    );
  if (option !== undefined && !files.some(isImage))
    throw new TouchstoneError('usage', `${option} has no effect: no --out is an image`, 'Add --out FILE.png.');
  if (ofMaps !== undefined && !methods.some(({ image }) => isMap(image!)))
    throw new TouchstoneError(
      'usage',
      `${ofMaps} has no effect: ${methods.map(({ id }) => id).join(', ')} gives no map of the image`,
      `Omit ${ofMaps}.`,
    );
  if (option === '--no-legend' && !isSeveral)
    throw new TouchstoneError(
      'usage',
      '--no-legend has no effect: the image has no legend',
      'Add --overlay, --colour-map or --percentile, which draw one, or omit --no-legend.',
    );
  return { overlay, legend: legend ?? true, colourMap, percentile };
}

/** What is drawn of one method. */
export interface Drawable {
  readonly method: Method;
  readonly answer: Answered;
  /** The parameters that the user set. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly input: ModelInput;
  readonly network: NetworkDescription;
  readonly backend: string;
}

/** @throws as `drawFigure` */
export async function figureOf(drawable: Drawable, style: FigureStyle): Promise<Figure> {
  const { method, answer, params, input, network, backend } = drawable;
  const explanation = explanationOf(method, answer, params, network, input.x);
  const heading = headingOf({ method, answer }, network, backend, input.x.shape[0]!);
  return drawFigure(Object.assign({ network }, input), explanation, heading, style);
}

/** What ran, for a panel. @param given the parameters that the user set */
export function explanationOf(
  method: Method,
  answer: Answered,
  given: Readonly<Record<string, unknown>>,
  description: NetworkDescription,
  x: HostTensor,
): Explanation {
  const params = nameModules(method, given, description, x.shape, `the parameters (--set) of ${method.id}`);
  const named = [...new Set([...Object.keys(method.defaultModules ?? {}), ...Object.keys(given)])];
  const said = named
    .filter((name) => params[name] !== null)
    .map((name) => `${name} ${typeof params[name] === 'string' ? params[name] : JSON.stringify(params[name])}`);
  const score = method.makesImage ? scoreOfTarget(answer, description) : null;
  return {
    method: method.id,
    style: method.image!,
    stages: answer.stages,
    title: nameOf(method),
    notes: [
      ...(said.length === 0 ? [] : [said.join(', ')]),
      ...(score === null ? [] : [`score of this image: ${score}`]),
    ],
  };
}

/** "Grad-CAM" of "Grad-CAM: feature maps of …". */
function nameOf({ title }: Method): string {
  return title.split(':')[0]!;
}

/** The class of image 0, and its score, which is that of the input. @param only the method is named: the only one */
export function headingOf(
  { method, answer }: { readonly method: Method; readonly answer: Answered },
  description: NetworkDescription,
  backend: string,
  images: number,
  only = true,
): Heading {
  const { target = null } = answer;
  const name = only ? [nameOf(method)] : [];
  const explained = target === null ? [] : [titleOf(target, description)];
  const score = method.makesImage ? null : scoreOfTarget(answer, description);
  const said = [...(score === null ? [] : [score]), ...(images > 1 ? [`image 0 of ${images}`] : [])];
  return {
    title: [...name, ...explained].join(': ') || description.name,
    lines: [said.join('; '), `${description.name} on ${backend}`].filter((text) => text !== ''),
  };
}

/** Of a batch, the class of image 0. */
function titleOf(target: Target, { classes: names, heads }: NetworkDescription): string {
  const index = 'class' in target ? [target.class].flat()[0]! : 0;
  const name = (heads ? undefined : names?.[index]) ?? '';
  return targetText(
    target,
    name === '' || name === String(index) ? `class ${index}` : `${plainText(name)} (class ${index})`,
  );
}

/** Of image 0; null: the target is not a class, or there are no finite scores. */
function scoreOfTarget({ logits, target, nonFinite = [] }: Answered, { heads }: NetworkDescription): string | null {
  const classes = target ? logitClasses(target) : null;
  if (logits?.shape.length !== 2 || classes === null || nonFinite.includes('logits')) return null;
  const { logit, probability } = scoreOf(logits, 0, [classes].flat()[0]!);
  const isShare = !heads && (logits.shape[1] ?? 0) > 1;
  const share = isShare ? `, probability ${(100 * probability).toFixed(1)} %` : '';
  return `logit ${logit.toPrecision(4).replace('-', '−')}${share}`;
}

/** The numbers of a drawn map, for programs. */
export interface Drawn {
  readonly colourMap: string;
  readonly low: number;
  readonly high: number;
  readonly percentile: number | null;
}

export function drawnOf({ map: { low, high, percentile }, colourMap }: Bar): Drawn {
  return { colourMap, low, high, percentile };
}
