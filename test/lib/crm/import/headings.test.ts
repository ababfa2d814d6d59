import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IMPORT_ENTITIES, suggestMapping } from '@/lib/crm/import';

const contacts = (headers: string) => suggestMapping(headers.split(','), IMPORT_ENTITIES.contacts);

test('files of other systems are understood by their headings', () => {
  for (const [system, headers, expected] of [
    ['HoneyBook', 'Name,Email Address,Phone Number,Company', 'full_name,email,phone,account_id'],
    [
      'Check Cherry',
      'First Name,Last Name,Email,Mobile Phone,Company Name,Notes',
      'first_name,last_name,email,phone,account_id,notes',
    ],
    ['Booth Book', 'Client Name,Client Email,Client Phone', 'full_name,email,phone'],
    [
      'HubSpot',
      'First Name,Last Name,Email,Phone Number,Mobile Phone Number,Associated Company,Job Title,Street Address,City,State/Region,Postal Code,Country/Region',
      'first_name,last_name,email,phone,phone,account_id,job_title,address_street,address_city,address_state,address_postal_code,address_country',
    ],
    [
      'Salesforce',
      'First Name,Last Name,Title,Account Name,Mailing Street,Mailing City,Mailing State/Province,Mailing Zip/Postal Code,Phone,Mobile,Email,Birthdate,Description',
      'first_name,last_name,job_title,account_id,address_street,address_city,address_state,address_postal_code,phone,phone,email,birthday,notes',
    ],
    [
      'Google Contacts',
      'First Name,Last Name,Organization Name,Organization Title,Birthday,Notes,E-mail 1 - Value,Phone 1 - Value,Address 1 - Street',
      'first_name,last_name,account_id,job_title,birthday,notes,email,phone,address_street',
    ],
    [
      'Outlook',
      'Title,First Name,Last Name,Company,Job Title,Business Phone,Mobile Phone,E-mail Address,Home Street,Birthday',
      ',first_name,last_name,account_id,job_title,phone,phone,email,address_street,birthday',
    ],
    [
      'German',
      'Vorname,Nachname,Firma,E-Mail-Adresse,Telefon (mobil),Straße,PLZ,Ort,Geburtstag,Bemerkungen',
      'first_name,last_name,account_id,email,phone,address_street,address_postal_code,address_city,birthday,notes',
    ],
  ] as const) {
    const mapping = contacts(headers);
    assert.deepEqual(
      headers.split(',').map((header) => mapping[header] ?? ''),
      expected.split(','),
      system,
    );
  }
});

test('a full name beside first and last name is left out, and an exported id is no name', () => {
  assert.deepEqual(contacts('Name,First Name,Last Name'), {
    'First Name': 'first_name',
    'Last Name': 'last_name',
  });
  assert.deepEqual(suggestMapping(['account_id', 'account', 'title'], IMPORT_ENTITIES.events), {
    account: 'account_id',
    title: 'title',
  });
});

test('what a file of accounts, leads, events and equipment calls its columns', () => {
  const map = (entity: keyof typeof IMPORT_ENTITIES, headers: string) =>
    Object.values(suggestMapping(headers.split(','), IMPORT_ENTITIES[entity]))
      .toSorted()
      .join();
  assert.equal(
    map('accounts', 'Company name,Company Domain Name,Phone Number,Billing State/Province'),
    'billing_state,name,phone,website',
  );
  assert.equal(
    map('leads', 'Name,Project Date,Project Type,Lead Source,How many?'),
    'event_date,event_type_id,full_name,source',
  );
  assert.equal(
    map('events', 'Event Name,Client Name,Event Date,Venue,Guests'),
    'account_id,guest_count,location_id,start_date,title',
  );
  assert.equal(
    map('equipment', 'Item,Barcode,Category,Cost,Qty'),
    'asset_tag,equipment_type_id,name,purchase_price,quantity',
  );
});
