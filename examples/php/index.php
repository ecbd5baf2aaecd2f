<?php
// What the hooks call: the health, and the switch that turns the app on and off. The workers share the switch by a file.
$switch = '/tmp/showcase.online';

switch (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
    case '/health':
        echo '{"status":"UP"}';
        break;
    case '/_HB_.php':
        $service = $_GET['service'] ?? '';
        if ($service === 'online') touch($switch);
        if ($service === 'offline' && file_exists($switch)) unlink($switch);
        $online = file_exists($switch);
        if ($service === '' && !$online) http_response_code(404);
        echo $online ? 'online' : 'offline';
        break;
    default:
        echo 'hello from php ' . PHP_MAJOR_VERSION;
}
