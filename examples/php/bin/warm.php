<?php
echo "warmed the cache\n";
