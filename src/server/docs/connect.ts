import type { Context } from 'hono';
import { html } from 'hono/html';
import type { Environment } from '../context';
import { page } from './page';

/** `/docs/connect`: how a Supabase client reaches a company's data. */
export function connectPage(context: Context<Environment>): Response | Promise<Response> {
  const { env } = context;
  const url = `${env.origin ?? 'https://your-marquee.example'}${env.prefix}`;
  const company = env.subdomain ?? 'company';
  return context.html(page('Connect a client', write(url, company, env.prefix)));
}

function write(url: string, company: string, prefix: string) {
  const name = `sb-${company}`;
  return html`<h1>Connect a client</h1>
<p>Any client of Supabase works here: <code>@supabase/supabase-js</code>, <code>@supabase/ssr</code>, the data providers of react-admin and
refine, or plain HTTP. It needs an address and a key. <a href="${prefix}/docs">The whole API</a>.</p>

<h2>The address</h2>
<p><code>${url}</code></p>
<p>A company is reached at its own host name (<code>https://company.example.com</code>, locally <code>http://company.localhost:3000</code>),
below <code>/t/company</code>, or at the bare address with a key, which names the company.</p>

<h2>The key</h2>
<p>An owner or admin makes one under <a href="${prefix}/settings?tab=keys">Settings, API keys</a>; the operator with
<code>marquee key create --help</code>. It is shown once.</p>
<table><tbody>
<tr><td>anon</td><td>For browsers and apps. Names the company and reads nothing by itself: a person signs in.</td></tr>
<tr><td>scoped</td><td>Does what people of a role may: manager, sales, staff or viewer.</td></tr>
<tr><td>service</td><td>The whole company, and <code>auth.admin</code>. Only on your own servers.</td></tr>
</tbody></table>
<p>A revoked key is refused at once, with its reason.</p>

<h2>In a browser or an app</h2>
<pre><code>import { createClient } from '@supabase/supabase-js';

const supabase = createClient('${url}', 'mq_anon_…', {
  auth: { storageKey: '${name}' },
});
await supabase.auth.signInWithPassword({ email, password });
const { data } = await supabase.from('accounts').select('id, name').limit(20);</code></pre>
<p><code>marquee types</code> writes the type for <code>createClient&lt;Database&gt;</code>.</p>

<h2>On a server that renders pages</h2>
<pre><code>import { createServerClient } from '@supabase/ssr';

const supabase = createServerClient('${url}', 'mq_anon_…', {
  cookieOptions: { name: '${name}' },
  cookies: { getAll, setAll },
});
const { data } = await supabase.auth.getClaims(); // verified here, without a call</code></pre>
<p class="note"><strong>Name the cookie.</strong> Without <code>storageKey</code> or <code>cookieOptions.name</code> clients call it after the first
part of the host name alone: two companies below <code>/t/…</code> of one host, or on <code>localhost</code>, would overwrite each other's session.</p>

<h2>What is offered</h2>
<table><tbody>
<tr><td><code>/rest/v1</code></td><td>Every table and function, in PostgREST's grammar; <code>/rest/v1/</code> describes them. A person sees what their role may.</td></tr>
<tr><td><code>/auth/v1</code></td><td><code>signInWithPassword</code>, <code>signInWithOtp</code> (mail), <code>verifyOtp</code>, <code>exchangeCodeForSession</code>,
<code>resetPasswordForEmail</code>, <code>reauthenticate</code>, <code>getUser</code>, <code>getClaims</code>, <code>updateUser</code>,
<code>refreshSession</code>, <code>signOut</code>, <code>mfa</code> (an authenticator), and with a service key <code>auth.admin</code>.</td></tr>
<tr><td><code>/storage/v1</code></td><td>Attachments, as far as your role may.</td></tr>
<tr><td><code>/realtime/v1</code></td><td>Changes of the company's tables, presence and broadcast.</td></tr>
</tbody></table>
<p><strong>Deleted rows.</strong> A deleted row is gone from its table and waits 30 days in the trash (<code>archived_records()</code>,
<code>restore_archived()</code>). Accounts, contacts and events that other rows need, such as a client with invoices, are hidden instead: the row
stays, with <code>deleted_at</code>, because invoices still name it, and a plain <code>select</code> returns it. Lists of these three tables
therefore ask for <code>.is('deleted_at', null)</code>, as Marquee's own do; hidden ones are <code>.not('deleted_at', 'is', null)</code>.</p>
<p>Not offered: sign-up (people are invited), phone numbers, anonymous users, OAuth, SAML and passkeys at <code>/auth/v1</code>, edge functions,
GraphQL. They are refused with 4xx and a code, in the form that their client reads.</p>

<h2>Second factor</h2>
<p>A password, or a mailed code, of a person with an authenticator gives a session at <code>aal1</code>, which opens <code>/auth/v1</code> only;
everything else answers <code>insufficient_aal</code>. Ask <code>mfa.getAuthenticatorAssuranceLevel()</code>: where <code>nextLevel</code> is
<code>aal2</code>, ask for a code and call <code>mfa.challengeAndVerify</code>; a recovery code is taken as well. A person has one authenticator.</p>
<p><code>mfa.enroll</code>, its first <code>mfa.verify</code> and <code>mfa.unenroll</code> need a sign-in or a code of the last 15 minutes;
else they answer <code>reauthentication_needed</code>.</p>

<h2>Passwords, addresses, mail</h2>
<ul>
<li>A password that was given out is changed first, with <code>updateUser({ password })</code>: until then <code>password_change_required</code>.</li>
<li>More than 15 minutes after signing in, <code>updateUser</code> of password or address needs <code>current_password</code>, or the
<code>nonce</code> that <code>reauthenticate()</code> mails; else it answers <code>reauthentication_needed</code>. The session goes on, all
others end; after a new address is confirmed all end but the new one.</li>
<li>Of <code>user_metadata</code>, <code>name</code>, <code>locale</code> and <code>time_zone</code> are kept. A role is <code>app_metadata.user_role</code>.</li>
<li>Links in mails lead to <code>redirectTo</code> where the operator allows it (<code>ALLOWED_REDIRECTS</code>), else to a page of Marquee's. Each mail
also has six digits for <code>verifyOtp</code>.</li>
<li><code>resetPasswordForEmail</code> and <code>signInWithOtp</code> answer the same whether or not there is such an account, and make none.</li>
</ul>

<h2>Files</h2>
<p>Attachments are the bucket <code>attachments</code>. A file's name is <code>&lt;table&gt;/&lt;record id&gt;/&lt;file name&gt;</code>, such as
<code>events/&lt;id&gt;/plan.pdf</code>. <code>upload(name, file, { metadata: { visibility: 'client' } })</code> shows it to the client; otherwise it is
internal. At most 25 MB: pictures, PDF, office documents, text, audio and video. Replacing (<code>upsert</code>, <code>update</code>) needs the
right to remove. <code>createSignedUrl</code> opens one file for a while without signing in, as long as who signed it may read it: a user until the
session ends, a key until it is revoked. Sign with a key what is to last. Nothing is public. Not offered: more buckets,
image transformations, resumable uploads, versions.</p>

<h2>Limits</h2>
<table><tbody>
<tr><td>Sign-in</td><td>8 attempts in 5 minutes at one account from one place, 40 in 10 minutes from one place.</td></tr>
<tr><td>Mails</td><td>3 in 15 minutes to one address, 20 an hour from one place.</td></tr>
<tr><td>Access token</td><td>One hour, ES256; keys at <code>/auth/v1/.well-known/jwks.json</code>.</td></tr>
<tr><td>Session</td><td>Two weeks without use, 90 days in all; a refresh token is good once.</td></tr>
<tr><td>Body</td><td>10 MB.</td></tr>
</tbody></table>
<p>429 comes with <code>Retry-After</code>.</p>`;
}
