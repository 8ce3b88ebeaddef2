// Two insured phones, and a case that is not.
export const order = {
  id: '2024-0815',
  customer: { first_name: 'Max', last_name: 'Mustermann', email: 'max@example.com' },
  address: { address_line_1: 'Musterstrasse 1', city: 'München', country: 'de', zip: '81371' },
  lines: [
    { id: '1', productId: 'phone-14', title: 'Phone 14', brand: 'Acme', quantity: 2, priceCents: 89900 },
    {
      id: '2',
      productId: 'care-24',
      title: '24 months of care',
      brand: 'hakuna',
      quantity: 2,
      priceCents: 8499,
      protects: 'phone-14',
    },
    { id: '3', productId: 'case-red', title: 'Red case', brand: 'Acme', quantity: 1, priceCents: 1900 },
  ],
};
