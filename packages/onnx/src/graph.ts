/** Collects the nodes and initializers of a graph, and writes it. */
import { create, toBinary } from '@bufbuild/protobuf';
import { valuesIn, type HostTensor } from '@touchstone/contract';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './generated/onnx_pb.js';

/** Numbers are integers; `{ float }` is not. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** The version of ONNX's operators. */
export const opset = 18;
/** The oldest version of the format that has them. */
const irVersion = 8n;

export interface Value {
  readonly name: string;
  /** The first size is that of the batch, and not fixed. */
  readonly shape: readonly number[];
}

export class Graph {
  readonly #nodes: NodeProto[] = [];
  readonly #initializers = new Map<string, TensorProto>();

  /** Adds an operation under the name of its only output, which is returned. */
  node(
    opType: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const attribute = Object.entries(attributes).map(([name, value]) => attributeProto(name, value));
    this.#nodes.push(
      create(NodeProtoSchema, { name: output, opType, input: [...inputs], output: [output], attribute }),
    );
    return output;
  }

  /** A constant in float32; a second one of the same name is the first. */
  constant(name: string, tensor: () => HostTensor): string {
    if (!this.#initializers.has(name)) {
      const { shape, data } = tensor();
      const { buffer, byteOffset, byteLength } = data instanceof Float32Array ? data : Float32Array.from(data);
      const rawData = new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
      this.#initializers.set(name, tensorProto(name, TensorProto_DataType.FLOAT, shape, { rawData }));
    }
    return name;
  }

  /** Integers, such as the shape that a Reshape gives. */
  integers(name: string, values: readonly number[]): string {
    const int64Data = values.map(BigInt);
    this.#initializers.set(name, tensorProto(name, TensorProto_DataType.INT64, [values.length], { int64Data }));
    return name;
  }

  /** The model in ONNX's format. */
  write(about: { name: string; doc: string }, inputs: readonly Value[], outputs: readonly Value[]): Uint8Array {
    const model = create(ModelProtoSchema, {
      irVersion,
      producerName: 'touchstone',
      docString: about.doc,
      opsetImport: [{ domain: '', version: BigInt(opset) }],
      graph: {
        name: about.name,
        node: this.#nodes,
        initializer: [...this.#initializers.values()],
        input: inputs.map(valueInfo),
        output: outputs.map(valueInfo),
      },
    });
    return toBinary(ModelProtoSchema, model);
  }
}

function attributeProto(name: string, value: Attribute): AttributeProto {
  const { FLOAT, INT, INTS } = AttributeProto_AttributeType;
  if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: INT, i: BigInt(value) });
  return 'float' in value
    ? create(AttributeProtoSchema, { name, type: FLOAT, f: value.float })
    : create(AttributeProtoSchema, { name, type: INTS, ints: value.map(BigInt) });
}

function tensorProto(
  name: string,
  dataType: TensorProto_DataType,
  shape: readonly number[],
  data: { rawData: Uint8Array<ArrayBuffer> } | { int64Data: bigint[] },
): TensorProto {
  if ('rawData' in data && data.rawData.length !== 4 * valuesIn(shape)) throw new Error(`${name}: wrong size`);
  return create(TensorProtoSchema, { name, dataType, dims: shape.map(BigInt), ...data });
}

function valueInfo({ name, shape: [, ...sizes] }: Value): ValueInfoProto {
  const dim = [
    { value: { case: 'dimParam' as const, value: 'N' } },
    ...sizes.map((size) => ({ value: { case: 'dimValue' as const, value: BigInt(size) } })),
  ];
  const tensor = { elemType: TensorProto_DataType.FLOAT, shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value: tensor } } });
}
