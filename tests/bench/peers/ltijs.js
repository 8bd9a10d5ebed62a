// A tool on ltijs as its documentation shows it, with its Sequelize plugin on PostgreSQL.
// node ltijs.js PORT SOCKET_FOLDER DATABASE ISSUER CLIENT AUTH_URL KEYS_URL
// NODE_PATH names the folder with the packages.
'use strict'
const { Provider } = require('ltijs')
const Database = require('ltijs-sequelize')

const [port, folder, name, issuer, client, auth, keys] = process.argv.slice(2)

async function main () {
  const plugin = new Database(name, 'postgres', '', {
    host: folder, dialect: 'postgres', logging: false, pool: { max: 8 }
  })
  Provider.setup('a-bench-secret-key-0123456789-abcdefghi', { plugin }, {
    appRoute: '/lti/launch', loginRoute: '/lti/login', cookies: { secure: false, sameSite: 'Lax' }
  })
  Provider.onConnect((token, req, res) => res.send('in'))
  await Provider.deploy({ port, silent: true })
  await Provider.registerPlatform({
    url: issuer, name: 'bench', clientId: client,
    authenticationEndpoint: auth, accesstokenEndpoint: auth,
    authConfig: { method: 'JWK_SET', key: keys }
  })
  process.stdout.write('ready\n')
}

main().catch(error => { console.error(error); process.exit(1) })
