// Invented people, companies and places.

export const FIRST_NAMES =
  'Ada Ben Clara Dario Elena Finn Grace Hugo Iris Jonas Kira Liam Maya Noah Olive Paul Quinn Rosa Sami Tess Uma Victor Wren Xenia Yusuf Zoe Amara Bruno Celia Dmitri Esme Farah Gideon Hana Ivo Jade Kofi Lena Mateo Nadia'.split(
    ' ',
  );
export const LAST_NAMES =
  'Abbott Bianchi Carver Dawson Eriksen Fontaine Garner Hayes Ivanova Jansen Keller Lopez Marsh Novak Okafor Price Quigley Ramirez Sato Turner Underwood Vance Whitaker Yilmaz Zimmer Ashford Brandt Costa Delgado Ellery'.split(
    ' ',
  );
export const COMPANIES = [
  'Northwind Dental',
  'Alder & Finch',
  'Summit Credit Union',
  'Brightline Software',
  'Cobalt Motors',
  'Harbor Health',
  'Larkspur School',
  'Meridian Hotels',
  'Pinecrest Golf Club',
  'Redwood Realty',
  'Silver Spoon Catering',
  'Tidewater Brewing',
  'Union Street Market',
  'Vantage Insurance',
  'Willow & Sage Events',
  'Keystone Robotics',
  'Orchard Foundation',
  'Beacon Theatre',
  'Copperfield Books',
  'Evergreen Energy',
];
export const VENUES: [name: string, city: string, travelMinutes: number][] = [
  ['The Old Mill', 'Riverton', 25],
  ['Grand Harbor Hotel', 'Port Ellis', 15],
  ['Lakeside Pavilion', 'Westlake', 40],
  ['City Botanical Garden', 'Riverton', 20],
  ['Foundry Hall', 'Riverton', 10],
  ['Crestview Country Club', 'Crestview', 45],
  ['The Glasshouse', 'Port Ellis', 20],
  ['Marlow Barn', 'Marlow', 60],
  ['Convention Center, Hall B', 'Riverton', 15],
  ['Sunset Rooftop', 'Port Ellis', 20],
  ['Heritage Library', 'Riverton', 10],
  ['Vineyard at Stone Creek', 'Stone Creek', 75],
];
export const SOURCES = [
  'Website',
  'Instagram',
  'Referral',
  'Wedding fair',
  'Google',
  'Venue partner',
  'Repeat client',
];
export const LOST_REASONS = [
  'Went with another company',
  'Budget',
  'Date not available',
  'Event cancelled',
  'No answer',
];
export const CANCEL_REASONS = [
  'Wedding called off',
  'Company moved the date',
  'Venue closed',
  'Illness in the family',
];
export const NOTES = [
  'Load in through the back door, ask for the key at reception.',
  'Client loves gold props; no moustaches.',
  'Outlet is 20 m from the spot: bring the long cable.',
  'Planner wants us silent during speeches.',
  'Elevator is small: pack the slim case.',
  'Parking behind the kitchen, permit in the folder.',
];
export const LEAD_MESSAGES = [
  'Hi! Are you free for our wedding? We would love the open-air booth.',
  'We need two booths for our holiday party, about 300 guests.',
  'What would three hours with prints cost?',
  'Can you bring a custom backdrop in our colors?',
  'Looking for something fun for a graduation party.',
];
