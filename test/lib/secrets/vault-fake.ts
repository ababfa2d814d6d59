// A contract fake of Vault's and OpenBao's HTTP API, as far as Marquee uses it: transit keys with versions, derived or not, and tokens that
// expire. It encrypts for real, so what is refused by another context or key is refused here too.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

interface TransitKey {
  derived: boolean;
  versions: Buffer[];
  minDecryptionVersion: number;
}

type Json = Record<string, unknown>;

export interface VaultFake {
  address: string;
  /** A token that never expires. */
  rootToken: string;
  keys: Map<string, TransitKey>;
  addKey(name: string, derived: boolean): void;
  rotateKey(name: string): void;
  /** Requests by path, without the names of keys. */
  requests: Map<string, number>;
  /** Tokens that are valid. */
  tokens: Set<string>;
  /** Of tokens that a login gives, seconds. */
  leaseSeconds: number;
  /** The JWT that the login of Kubernetes accepts. */
  serviceAccountToken: string;
  /** Answers every request with this status. */
  failWith: number | undefined;
}

export async function startVaultFake(): Promise<VaultFake> {
  const fake: VaultFake = {
    address: '',
    rootToken: `hvs.${randomUUID()}`,
    keys: new Map(),
    addKey: (name, derived) =>
      void fake.keys.set(name, { derived, versions: [randomBytes(32)], minDecryptionVersion: 1 }),
    rotateKey: (name) => void fake.keys.get(name)?.versions.push(randomBytes(32)),
    requests: new Map(),
    tokens: new Set(),
    leaseSeconds: 3600,
    serviceAccountToken: '',
    failWith: undefined,
  };
  fake.tokens.add(fake.rootToken);
  const server = createServer(async (request, response) => {
    const [status, body] = await answer(fake, request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  fake.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}

async function answer(fake: VaultFake, request: IncomingMessage): Promise<[status: number, body: Json]> {
  const text = Buffer.concat(await Array.fromAsync(request)).toString();
  const body: Json = text ? JSON.parse(text) : {};
  const path = (request.url ?? '').replace(/^\/v1\//, '');
  const counted = path.replace(/^(transit\/[a-z/]+)\/[^/]+$/, '$1');
  fake.requests.set(counted, (fake.requests.get(counted) ?? 0) + 1);
  if (fake.failWith) return [fake.failWith, { errors: [] }];
  const login = logins(fake, path, body);
  if (login) return login;
  const token = String(request.headers['x-vault-token']);
  if (!fake.tokens.has(token)) return [403, { errors: ['permission denied'] }];
  if (path === 'auth/token/lookup-self') {
    return [
      200,
      {
        data: { ttl: token === fake.rootToken ? 0 : fake.leaseSeconds, renewable: token !== fake.rootToken },
      },
    ];
  }
  if (path === 'auth/token/renew-self') return [200, { auth: authOf(fake, token) }];
  const [, action = '', name = ''] = /^transit\/(.+)\/([^/]+)$/.exec(path) ?? [];
  const key = fake.keys.get(name);
  if (!key) return [404, { errors: [] }];
  try {
    return [200, { data: transit(action, key, body) }];
  } catch (error) {
    return [400, { errors: [String(error)] }];
  }
}

function logins(fake: VaultFake, path: string, body: Json): [number, Json] | undefined {
  const isKnown =
    path === 'auth/approle/login'
      ? body.role_id === 'role' && body.secret_id === 'secret'
      : path === 'auth/kubernetes/login'
        ? body.role === 'marquee' && body.jwt === fake.serviceAccountToken
        : undefined;
  if (isKnown === undefined) return undefined;
  if (!isKnown) return [400, { errors: ['invalid credentials'] }];
  const token = `hvs.${randomUUID()}`;
  fake.tokens.add(token);
  return [200, { auth: authOf(fake, token) }];
}

function authOf(fake: VaultFake, token: string): Json {
  return { client_token: token, lease_duration: fake.leaseSeconds, renewable: true };
}

function transit(action: string, key: TransitKey, body: Json): Json {
  const { context, associated_data: associatedData } = body;
  if (action === 'keys') {
    return {
      ...{ latest_version: key.versions.length, derived: key.derived, type: 'aes256-gcm96' },
      min_decryption_version: key.minDecryptionVersion,
    };
  }
  if (key.derived && !context) throw new Error('missing context for key derivation');
  const materialOf = (version: number) => {
    const material = key.versions[version - 1];
    if (!material || version < key.minDecryptionVersion) throw new Error('ciphertext version is disallowed');
    return key.derived
      ? Buffer.from(hkdfSync('sha256', material, '', Buffer.from(String(context), 'base64'), 32))
      : material;
  };
  const encrypt = (plain: Buffer) => {
    const version = key.versions.length;
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', materialOf(version), iv);
    cipher.setAAD(Buffer.from(String(associatedData ?? ''), 'base64'));
    const text = Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return `vault:v${version}:${text.toString('base64')}`;
  };
  const decrypt = () => {
    const [, version, base64 = ''] = /^vault:v(\d+):(.+)$/.exec(String(body.ciphertext)) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', materialOf(Number(version)), bytes.subarray(0, 12));
    decipher.setAAD(Buffer.from(String(associatedData ?? ''), 'base64')).setAuthTag(bytes.subarray(-16));
    return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]);
  };
  switch (action) {
    case 'datakey/plaintext': {
      const dataKey = randomBytes(Number(body.bits) / 8);
      return { plaintext: dataKey.toString('base64'), ciphertext: encrypt(dataKey) };
    }
    case 'encrypt':
      return { ciphertext: encrypt(Buffer.from(String(body.plaintext), 'base64')) };
    case 'decrypt':
      return { plaintext: decrypt().toString('base64') };
    case 'rewrap':
      // It takes no associated data.
      if (associatedData !== undefined) throw new Error('rewrap takes no associated data');
      return { ciphertext: encrypt(decrypt()) };
    default:
      throw new Error(`unsupported path ${action}`);
  }
}
