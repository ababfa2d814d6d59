/** A heading for comparison: `E-mail 1 - Value` → `e mail 1 value`. */
export function plainHeading(header: string): string {
  return header
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/**
 * Headings of columns in files of other systems, best first: of HoneyBook, Check Cherry, Booth Book, HubSpot, Salesforce, Google
 * Contacts, Outlook, and what people write by themselves in English and German. By `table.column`, or by column for all tables.
 */
export const HEADINGS: Record<string, string> = {
  first_name:
    'first|given name|client first name|customer first name|contact first name|firstname|forename|vorname',
  last_name:
    'last|surname|family name|client last name|customer last name|contact last name|lastname|nachname|familienname|name nachname',
  full_name:
    'name|contact name|client name|customer name|client|customer|contact|display name|primary contact|primary contact name|lead name|fullname|file as|vollständiger name|kontakt|ansprechpartner|kunde|kundenname',
  email:
    'e mail|email address|e mail address|primary email|client email|customer email|contact email|e mail 1 value|email 1|work email|personal email|mail|emails|e mail adresse|mailadresse|e mail 2 address|e mail 2 value|secondary email|additional email addresses',
  phone:
    'mobile phone|mobile|cell phone|cell|phone number|mobile phone number|mobile number|primary phone|client phone|customer phone|contact phone|phone 1 value|phone 1|telephone|telephone number|tel|primary phone number|mobil|mobiltelefon|handy|handynummer|telefon mobil|telefon|telefonnummer|rufnummer|business phone|work phone|company main phone|main phone|phone 2 value|phone 2|business phone 2|other phone|home phone|home phone 2|telefon geschäftlich|telefon privat|festnetz',
  'contacts.job_title':
    'title|position|role|organization title|organization 1 title|berufsbezeichnung|funktion',
  'contacts.account_id':
    'company name|company|account name|organization name|organization 1 name|organisation name|organization|organisation|associated company|primary associated company|business name|employer|firma|firmenname|unternehmen|firma unternehmen',
  'leads.company':
    'company name|account name|organization name|organization 1 name|organization|organisation|business name|firma|firmenname|unternehmen',
  'accounts.name':
    'company|company name|account|account name|client|client name|customer|customer name|organization|organization name|organisation|business name|full name|display name|firma|firmenname|unternehmen|kunde|kundenname',
  account_type: 'account type|record type|client type|customer type|kundentyp',
  website: 'url|web|website url|web page|company domain name|website 1 value|homepage|webseite|internet',
  industry: 'branche|sector',
  billing_street:
    'street|billing street|street address|address|billing address|address 1|address line 1|street 1|address 1 street|mailing street|business street|straße|strasse|straße und hausnummer|anschrift|adresse',
  billing_city: 'city|billing city|town|address 1 city|mailing city|business city|ort|stadt|wohnort',
  billing_state:
    'state|billing state province|billing state|state region|state province|province|region|address 1 region|mailing state province|mailing state|business state|bundesland',
  billing_postal_code:
    'zip|zip code|billing zip postal code|billing postal code|billing zip|postal code|postcode|zip postal code|address 1 postal code|mailing zip postal code|mailing postal code|business postal code|plz|postleitzahl',
  billing_country:
    'country|billing country|country region|address 1 country|mailing country|business country region|business country|land',
  address_street:
    'street|mailing street|street address|address|home street|address 1|address line 1|address 1 street|street 1|home address|mailing address|straße|strasse|straße und hausnummer|anschrift|adresse|business street',
  address_city: 'city|mailing city|home city|town|address 1 city|ort|stadt|wohnort|business city',
  address_state:
    'state|mailing state province|mailing state|home state|state region|state province|province|region|address 1 region|bundesland|business state',
  address_postal_code:
    'zip|zip code|mailing zip postal code|mailing postal code|mailing zip|home postal code|postal code|postcode|zip postal code|address 1 postal code|plz|postleitzahl|business postal code',
  address_country:
    'country|mailing country|home country region|home country|country region|address 1 country|land|business country region|business country',
  birthday: 'birthdate|date of birth|birth date|dob|geburtstag|geburtsdatum',
  email_opt_out:
    'unsubscribed|opt out|email opt out|has opted out of email|unsubscribed from all email|do not email|keine e mails|abgemeldet',
  tax_id: 'vat|vat number|vat id|tax number|ein|ust idnr|ust id|umsatzsteuer id|steuernummer',
  tax_exempt: 'exempt|steuerbefreit',
  credit_limit: 'kreditlimit|kreditrahmen',
  currency: 'currency code|currency iso code|account currency|währung',
  notes:
    'note|comment|comments|remarks|description|internal notes|private notes|additional notes|notizen|notiz|bemerkung|bemerkungen|anmerkung|anmerkungen|beschreibung|kommentar',
  source:
    'lead source|original source|heard about us|how did you hear about us|how did they hear about you|referral source|referred by|quelle|herkunft',
  status: 'lead status|stage|event status|booking status|project status|status',
  event_date:
    'date|date of event|event start date|project date|wedding date|party date|start date|event day|datum|veranstaltungsdatum|eventdatum|hochzeitsdatum|termin',
  event_type_id:
    'type of event|event kind|occasion|project type|type|anlass|veranstaltungsart|art der veranstaltung|eventtyp',
  guest_count:
    'guest count|number of guests|guests|estimated guests|pax|attendees|expected guests|anzahl gäste|gäste|gästezahl|personen|personenzahl',
  'leads.message':
    'notes|note|comment|comments|additional details|additional information|inquiry|inquiry message|details|description|nachricht|anfrage|notizen|bemerkung|bemerkungen|anmerkungen',
  'events.title':
    'event|event name|project name|booking name|name|project|veranstaltung|titel|eventname|bezeichnung',
  'events.account_id':
    'client|client name|customer|customer name|company|company name|account name|contact name|contact|organization|kunde|kundenname|firma|auftraggeber',
  event_number:
    'event number|booking number|booking id|event id|project id|id|booking|reference|auftragsnummer|buchungsnummer|nummer',
  start_date:
    'event date|start date|date of event|event start date|project date|booking date|wedding date|start|datum|veranstaltungsdatum|eventdatum|beginn',
  end_date: 'end date|event end date|end|ende|bis',
  start_time:
    'event start time|starts at|start at|begin time|event time|time|times|from|uhrzeit|startzeit|von|start|zeit|anfang|beginn',
  end_time: 'event end time|ends at|end at|finish time|finish|until|to|endzeit|end|bis|ende',
  booth_id:
    'booth name|booth type|booths|booth unit|unit|photo booth|photobooth|fotobox|fotoboxen|fotobox typ|box|boothtyp',
  location_id:
    'venue|venue name|event venue|event location|place|location name|ort|veranstaltungsort|location|lokation',
  asset_tag: 'tag|asset|asset id|inventory number|barcode|item id|item number|inventarnummer|inventar nr',
  'equipment_items.name': 'item|item name|description|equipment|product|bezeichnung|gerät|artikel',
  equipment_type_id: 'equipment type|category|item type|kategorie|typ|art|gerätetyp',
  serial_number: 'serial|serial no|sn|s n|seriennummer',
  model: 'modell|model number|make model',
  quantity: 'qty|count|amount|menge|anzahl|stück',
  condition: 'zustand',
  purchase_date: 'bought|date purchased|date bought|kaufdatum|gekauft am|anschaffungsdatum',
  purchase_price: 'cost|price|purchase cost|kaufpreis|preis|anschaffungspreis|wert',
};
