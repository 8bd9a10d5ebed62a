<?php
// Sets a Moodle (4.1 or newer) up for the Back on Track sync: two roles, a service account, a web
// service with exactly the functions that are used, a token, and the report for the bulk reader.
// Running it again mends what is missing and changes nothing else.
//
//   php backontrack-setup.php --moodle=/var/www/moodle --category=ID [--username=backontrack]
//
// --category is the course category whose courses the account may read, subcategories included.
define('CLI_SCRIPT', true);
$options = getopt('', ['moodle:', 'category:', 'username::']);
if (empty($options['moodle']) || empty($options['category'])) {
    fwrite(STDERR, "usage: php backontrack-setup.php --moodle=FOLDER --category=ID [--username=NAME]\n");
    exit(2);
}
require($options['moodle'] . '/config.php');
require_once($CFG->dirroot . '/user/lib.php');
require_once($CFG->dirroot . '/webservice/lib.php');
require_once($CFG->libdir . '/accesslib.php');

use core_reportbuilder\local\helpers\report as helper;
use core_reportbuilder\manager;

\core\session\manager::set_user(get_admin());
$plan = json_decode(base64_decode('@PLAN@'), true);
$category = $DB->get_record('course_categories', ['id' => (int)$options['category']], '*', MUST_EXIST);
$username = $options['username'] ?? 'backontrack';
$system = context_system::instance();
$categorycontext = context_coursecat::instance($category->id);

set_config('enablewebservices', 1);
$protocols = array_filter(explode(',', (string)get_config('core', 'webserviceprotocols')));
set_config('webserviceprotocols', implode(',', array_unique([...$protocols, 'rest'])));

// Roles.
$role = function (string $shortname, string $name, array $levels, array $capabilities) use ($DB, $system) {
    $id = $DB->get_field('role', 'id', ['shortname' => $shortname]) ?: create_role($name, $shortname, '');
    set_role_contextlevels($id, $levels);
    foreach ($capabilities as $capability) {
        if (get_capability_info($capability)) {
            assign_capability($capability, CAP_ALLOW, $id, $system->id, true);
        }
    }
    return (int)$id;
};
$restrole = $role('backontrackrest', 'Back on Track: web service', [CONTEXT_SYSTEM], $plan['system']);
$syncrole = $role('backontracksync', 'Back on Track: sync', [CONTEXT_COURSECAT, CONTEXT_COURSE], $plan['category']);
if ($plan['enrols']) {
    $student = $DB->get_field('role', 'id', ['shortname' => 'student'], MUST_EXIST);
    if (!$DB->record_exists('role_allow_assign', ['roleid' => $syncrole, 'allowassign' => $student])) {
        core_role_set_assign_allowed($syncrole, $student);
    }
}

// The account: a random password that nobody knows, no policy left to agree to.
$user = $DB->get_record('user', ['username' => $username]);
if (!$user) {
    $id = user_create_user((object)['username' => $username, 'password' => random_string(40) . 'aA1!',
        'firstname' => 'Back on Track', 'lastname' => 'Sync', 'email' => "$username@invalid.example",
        'auth' => 'manual', 'confirmed' => 1, 'policyagreed' => 1, 'mnethostid' => $CFG->mnet_localhost_id]);
    $user = $DB->get_record('user', ['id' => $id]);
}
$DB->set_field('user', 'policyagreed', 1, ['id' => $user->id]);
unset_user_preference('auth_forcepasswordchange', $user);
role_assign($restrole, $user->id, $system->id);
role_assign($syncrole, $user->id, $categorycontext->id);

// The service: exactly the functions used, for this account alone. "Valid until" and IP of the
// authorised user stay empty; put them on the token instead.
$manager = new webservice();
$service = $DB->get_record('external_services', ['shortname' => 'backontracksync']);
if (!$service) {
    $id = $manager->add_external_service((object)['name' => 'Back on Track: sync account', 'shortname' => 'backontracksync',
        'enabled' => 1, 'restrictedusers' => 1, 'downloadfiles' => 0, 'uploadfiles' => 0]);
    $service = $DB->get_record('external_services', ['id' => $id]);
}
foreach ($plan['functions'] as $function) {
    if ($DB->record_exists('external_functions', ['name' => $function])
            && !$manager->service_function_exists($function, $service->id)) {
        $manager->add_external_function_to_service($function, $service->id);
    }
}
if (!$DB->record_exists('external_services_users', ['externalserviceid' => $service->id, 'userid' => $user->id])) {
    $manager->add_ws_authorised_user((object)['externalserviceid' => $service->id, 'userid' => $user->id]);
}
$token = $DB->get_field('external_tokens', 'token', ['userid' => $user->id, 'externalserviceid' => $service->id]);
if (!$token) {
    $token = class_exists('\core_external\util')
        ? \core_external\util::generate_token(EXTERNAL_TOKEN_PERMANENT, $service, $user->id, $system)
        : external_generate_token(EXTERNAL_TOKEN_PERMANENT, $service, $user->id, $system);
}

// The report: sorted by everything that makes a row unique, because pages are unstable otherwise.
$reportname = 'Back on Track sync';
$source = 'core_course\\reportbuilder\\datasource\\participants';
$reportid = 0;
if (!empty($CFG->enablecustomreports) && class_exists($source)) {
    $reportid = (int)$DB->get_field('reportbuilder_report', 'id', ['name' => $reportname, 'source' => $source]);
    if (!$reportid) {
        $report = helper::create_report((object)['name' => $reportname, 'source' => $source, 'uniquerows' => 0], false);
        $reportid = (int)$report->get('id');
        foreach ($plan['columns'] as $heading => $column) {
            $added = helper::add_report_column($reportid, $column['id']);
            $added->set('heading', $heading)->update();
            if ($column['sorted']) {
                helper::toggle_report_column_sorting($reportid, (int)$added->get('id'), true, SORT_ASC);
            }
        }
        foreach ($plan['filters'] as $filter) {
            helper::add_report_filter($reportid, $filter);
        }
        helper::add_report_condition($reportid, 'course_category:name');
        manager::reset_caches();
        manager::get_report_from_id($reportid)->set_condition_values(['course_category:name_operator' => 0,
            'course_category:name_value' => (int)$category->id, 'course_category:name_subcategories' => 1]);
        \core_reportbuilder\reportbuilder\audience\manual::create($reportid, ['users' => [(int)$user->id]]);
    }
}
echo json_encode(['wwwroot' => $CFG->wwwroot, 'token' => $token, 'account' => (int)$user->id,
    'category' => $category->name, 'report' => $reportid ?: null], JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES), "\n";
