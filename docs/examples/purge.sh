# The vendor's command line, which speaks HTTPS unless it is told: add --insecure or --protocol http as needed.
endpoint=https://freshet.example.com
aliyun dcdn RefreshDcdnObjectCaches \
  --endpoint "${endpoint#*://}" \
  --ObjectPath http://www.example.com/page.html
