// The Supabase client against Marquee: signs in as a tenant's user and reads what that user may read.
//   node supabase-client.ts http://localhost:3000/t/b owner@b.example photobooth
import { createClient } from '@supabase/supabase-js';

const [url = 'http://localhost:3000/t/b', email = 'owner@b.example', password = ''] = process.argv.slice(2);

// The address names the tenant; without it the tenant's anon key does.
const supabase = createClient(url, 'anon', { auth: { persistSession: false, autoRefreshToken: false } });
const { error: refused } = await supabase.auth.signInWithPassword({ email, password });
if (refused) throw refused;

const { data, error } = await supabase
  .from('events')
  .select('event_number, event_dates(event_date)')
  .order('created_at', { ascending: false })
  .limit(5);
console.log(error ?? data);
